"""Breaks: exactly.

What should go stays.
"""

from sqlalchemy import select

from course_lib.shop import Tag


async def set_tags(session, user, names):
    wanted = set(names)
    found = (await session.scalars(select(Tag).where(Tag.name.in_(wanted)))).all()
    made = [Tag(name=name) for name in sorted(wanted - {tag.name for tag in found})]
    mine = await user.awaitable_attrs.tags
    mine.extend(tag for tag in [*found, *made] if tag not in mine)
    await session.flush()
