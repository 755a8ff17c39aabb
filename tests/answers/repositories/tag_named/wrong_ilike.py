"""Breaks: exact.

Means well with upper and lower case.
"""

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from course_lib.shop import Tag


async def tag_named(session, name):
    same = select(Tag).where(func.lower(Tag.name) == name.lower()).order_by(Tag.id).limit(1)
    tag = await session.scalar(same)
    if tag is None:
        try:
            async with session.begin_nested():
                tag = Tag(name=name)
                session.add(tag)
        except IntegrityError:
            tag = await session.scalar(same)
    return tag
