"""Sends all pairs and leaves those that are there alone.
"""

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from course_lib.shop import Tag, User, user_tags


async def tag_country(session, country, tag):
    insert = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}[session.bind.dialect.name]
    pairs = select(User.id, Tag.id).where(User.country == country, Tag.name == tag)
    statement = insert(user_tags).from_select(["user_id", "tag_id"], pairs).on_conflict_do_nothing()
    return (await session.execute(statement)).rowcount
