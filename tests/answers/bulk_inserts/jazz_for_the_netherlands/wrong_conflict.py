"""Breaks: tagged.

Sends all pairs, those that are there as well.
"""

from sqlalchemy import exists, func, insert, select

from course_lib.shop import Tag, User, user_tags



async def tag_country(session, country, tag):
    pairs = select(User.id, Tag.id).where(User.country == country, Tag.name == tag)
    result = await session.execute(insert(user_tags).from_select(["user_id", "tag_id"], pairs))
    return result.rowcount
