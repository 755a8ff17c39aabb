"""Breaks: rows.

Has all pairs returned, to count them.
"""

from sqlalchemy import exists, func, insert, select

from course_lib.shop import Tag, User, user_tags



async def tag_country(session, country, tag):
    has = exists().where(user_tags.c.user_id == User.id, user_tags.c.tag_id == Tag.id)
    missing = select(User.id, Tag.id).join(Tag, Tag.name == tag).where(User.country == country, ~has)
    statement = insert(user_tags).from_select(["user_id", "tag_id"], missing).returning(user_tags.c.user_id)
    return len((await session.execute(statement)).all())
