"""Breaks: raised.

The list is replaced without having been loaded.
"""

from sqlalchemy import select

from course_lib.shop import Tag


async def set_tags(session, user, names):
    wanted = set(names)
    found = (await session.scalars(select(Tag).where(Tag.name.in_(wanted)))).all()
    made = [Tag(name=name) for name in sorted(wanted - {tag.name for tag in found})]
    user.tags = [*found, *made]
    await session.flush()
