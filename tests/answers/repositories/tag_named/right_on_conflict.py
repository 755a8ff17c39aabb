"""Lets the database leave a double out."""

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from course_lib.shop import Tag


async def tag_named(session, name):
    connection = await session.connection()
    kind = {"postgresql": postgresql, "sqlite": sqlite}[connection.dialect.name]
    await session.execute(kind.insert(Tag).values(name=name).on_conflict_do_nothing(index_elements=["name"]))
    return await session.scalar(select(Tag).where(Tag.name == name))
