"""Breaks: rows.

Fetches the pairs and sends them back.
"""

from sqlalchemy import exists, func, insert, select

from course_lib.shop import Tag, User, user_tags



async def tag_country(session, country, tag):
    has = exists().where(user_tags.c.user_id == User.id, user_tags.c.tag_id == Tag.id)
    missing = select(User.id, Tag.id).join(Tag, Tag.name == tag).where(User.country == country, ~has)
    pairs = (await session.execute(missing)).all()
    if pairs:
        await session.execute(insert(user_tags), [{"user_id": user, "tag_id": key} for user, key in pairs])
    return len(pairs)
