"""Breaks: unknown.

Asks for the key of the tag in a scalar subquery, which is NULL when nobody knows the tag.
"""

from sqlalchemy import insert, select

from course_lib.shop import Tag, User, user_tags


async def tag_country(session, country, tag):
    key = select(Tag.id).where(Tag.name == tag).scalar_subquery()
    rows = select(User.id, key).where(User.country == country, ~User.tags.any(Tag.name == tag))
    result = await session.execute(insert(user_tags).from_select(["user_id", "tag_id"], rows))
    return result.rowcount
