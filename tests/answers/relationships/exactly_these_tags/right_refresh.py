"""The list is read anew, and changed in place."""

from sqlalchemy import select

from course_lib.shop import Tag


async def set_tags(session, user, names):
    await session.refresh(user, ["tags"])
    mine = {tag.name: tag for tag in user.tags}
    for name in mine.keys() - set(names):
        user.tags.remove(mine[name])
    new = sorted(set(names) - mine.keys())
    there = {tag.name: tag for tag in await session.scalars(select(Tag).where(Tag.name.in_(new)))}
    user.tags += [there.get(name) or Tag(name=name) for name in new]
