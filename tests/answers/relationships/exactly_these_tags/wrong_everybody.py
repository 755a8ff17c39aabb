"""Breaks: others.

What nobody named is taken from all users.
"""

from sqlalchemy import select

from course_lib.shop import Tag, user_tags


async def set_tags(session, user, names):
    wanted = set(names)
    found = (await session.scalars(select(Tag).where(Tag.name.in_(wanted)))).all()
    made = [Tag(name=name) for name in sorted(wanted - {tag.name for tag in found})]
    await user.awaitable_attrs.tags
    user.tags = [*found, *made]
    await session.flush()
    ids = [tag.id for tag in user.tags]
    await session.execute(user_tags.delete().where(user_tags.c.tag_id.not_in(ids)))
