"""Reads all tags."""

from sqlalchemy import select

from course_lib.shop import Tag


async def tags_named(session, names):
    await session.flush()
    known = {tag.name: tag for tag in (await session.scalars(select(Tag))).all()}
    new = [Tag(name=name) for name in dict.fromkeys(names) if name not in known]
    session.add_all(new)
    known.update((tag.name, tag) for tag in new)
    return [known[name] for name in names]
