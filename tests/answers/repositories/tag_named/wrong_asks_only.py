"""Breaks: race.

Trusts its question.
"""

from sqlalchemy import select

from course_lib.shop import Tag


async def tag_named(session, name):
    tag = await session.scalar(select(Tag).where(Tag.name == name))
    if tag is None:
        tag = Tag(name=name)
        session.add(tag)
        await session.flush()
    return tag
