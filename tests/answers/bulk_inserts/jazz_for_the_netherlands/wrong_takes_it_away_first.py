"""Breaks: number.

Takes the tag away from everybody in the country first, and counts them all.
"""

from sqlalchemy import delete, insert, select

from course_lib.shop import Tag, User, user_tags


async def tag_country(session, country, tag):
    members = select(User.id).where(User.country == country)
    key = select(Tag.id).where(Tag.name == tag).scalar_subquery()
    old = delete(user_tags).where(user_tags.c.user_id.in_(members), user_tags.c.tag_id == key)
    await session.execute(old)
    pairs = select(User.id, Tag.id).where(User.country == country, Tag.name == tag)
    return (await session.execute(insert(user_tags).from_select(["user_id", "tag_id"], pairs))).rowcount
