"""Breaks: no-more.

All rows of the user are deleted, and written anew.
"""

from sqlalchemy import select

from course_lib.shop import Tag, user_tags


async def set_tags(session, user, names):
    wanted = set(names)
    found = (await session.scalars(select(Tag).where(Tag.name.in_(wanted)))).all()
    made = [Tag(name=name) for name in sorted(wanted - {tag.name for tag in found})]

    await session.execute(user_tags.delete().where(user_tags.c.user_id == user.id))
    await session.refresh(user, ["tags"])
    user.tags = [*found, *made]
    await session.flush()
