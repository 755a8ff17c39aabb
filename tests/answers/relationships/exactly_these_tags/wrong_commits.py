"""Breaks: caller-commits.

Right in all else, and commits at the end.
"""

from sqlalchemy import select

from course_lib.shop import Tag


async def set_tags(session, user, names):
    await user.awaitable_attrs.tags
    known = {tag.name: tag for tag in await session.scalars(select(Tag).where(Tag.name.in_(names)))}
    user.tags = [known.get(name) or Tag(name=name) for name in set(names)]
    await session.commit()
