"""Breaks: twice.

Makes a tag for each place that has none.
"""

from sqlalchemy import select

from course_lib.shop import Tag


async def tags_named(session, names):
    await session.flush()
    known = {tag.name: tag for tag in await session.scalars(select(Tag).where(Tag.name.in_(names)))}
    tags = []
    for name in names:
        tag = known.get(name)
        if tag is None:
            tag = Tag(name=name)
            session.add(tag)
        tags.append(tag)
    return tags
