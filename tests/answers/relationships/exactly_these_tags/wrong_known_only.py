"""Breaks: exactly.

Tags that are not there are left out.
"""

from sqlalchemy import select

from course_lib.shop import Tag


async def set_tags(session, user, names):
    wanted = set(names)
    found = (await session.scalars(select(Tag).where(Tag.name.in_(wanted)))).all()
    await user.awaitable_attrs.tags
    user.tags = [*found]
    await session.flush()
