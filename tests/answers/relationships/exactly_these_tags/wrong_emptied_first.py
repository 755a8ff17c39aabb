"""Breaks: no-more.

The list is emptied, flushed and filled.
"""

from sqlalchemy import select

from course_lib.shop import Tag


async def set_tags(session, user, names):
    wanted = set(names)
    found = (await session.scalars(select(Tag).where(Tag.name.in_(wanted)))).all()
    made = [Tag(name=name) for name in sorted(wanted - {tag.name for tag in found})]
    await user.awaitable_attrs.tags
    user.tags = []
    await session.flush()
    user.tags = [*found, *made]
    await session.flush()
