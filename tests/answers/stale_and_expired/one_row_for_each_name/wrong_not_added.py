"""Breaks: added.

Makes the tags and leaves them to nobody.
"""

from sqlalchemy import select

from course_lib.shop import Tag


async def tags_named(session, names):
    await session.flush()
    known = {tag.name: tag for tag in await session.scalars(select(Tag).where(Tag.name.in_(names)))}
    for name in names:
        known.setdefault(name, Tag(name=name))
    return [known[name] for name in names]
