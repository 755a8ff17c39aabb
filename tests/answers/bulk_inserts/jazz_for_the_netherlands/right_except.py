"""All pairs but those that are there.
"""

from sqlalchemy import exists, func, insert, select

from course_lib.shop import Tag, User, user_tags



async def tag_country(session, country, tag):
    every = select(User.id, Tag.id).where(User.country == country, Tag.name == tag)
    there = select(user_tags.c.user_id, user_tags.c.tag_id)
    statement = insert(user_tags).from_select(["user_id", "tag_id"], every.except_(there))
    return (await session.execute(statement)).rowcount
