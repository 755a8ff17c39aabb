"""Breaks: budget.

A SELECT for each name.
"""

from sqlalchemy import select

from course_lib.shop import Tag


async def set_tags(session, user, names):
    await user.awaitable_attrs.tags
    tags = []
    for name in sorted(set(names)):
        tag = (await session.scalars(select(Tag).where(Tag.name == name))).one_or_none()
        tags.append(tag or Tag(name=name))
    user.tags = tags
    await session.flush()
