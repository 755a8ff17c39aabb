"""Breaks: tagged.

Leaves out everybody who has any tag.
"""

from sqlalchemy import exists, func, insert, select

from course_lib.shop import Tag, User, user_tags



async def tag_country(session, country, tag):
    has = exists().where(user_tags.c.user_id == User.id, user_tags.c.tag_id == Tag.id)
    missing = select(User.id, Tag.id).join(Tag, Tag.name == tag).where(User.country == country, ~has)
    number = await session.scalar(select(func.count()).select_from(missing.subquery()))
    pairs = select(User.id, Tag.id).where(User.country == country, Tag.name == tag, ~User.tags.any())
    await session.execute(insert(user_tags).from_select(["user_id", "tag_id"], pairs))
    return number
