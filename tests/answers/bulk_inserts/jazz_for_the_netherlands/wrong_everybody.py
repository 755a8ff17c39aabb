"""Breaks: others.

Forgets the country in the INSERT, and counts rightly.
"""

from sqlalchemy import exists, func, insert, select

from course_lib.shop import Tag, User, user_tags



async def tag_country(session, country, tag):
    has = exists().where(user_tags.c.user_id == User.id, user_tags.c.tag_id == Tag.id)
    missing = select(User.id, Tag.id).join(Tag, Tag.name == tag).where(User.country == country, ~has)
    number = await session.scalar(select(func.count()).select_from(missing.subquery()))
    has = exists().where(user_tags.c.user_id == User.id, user_tags.c.tag_id == Tag.id)
    everybody = select(User.id, Tag.id).join(Tag, Tag.name == tag).where(~has)
    await session.execute(insert(user_tags).from_select(["user_id", "tag_id"], everybody))
    return number
