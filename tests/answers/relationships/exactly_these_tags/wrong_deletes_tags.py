"""Breaks: reused.

What the user gives up is deleted for everybody.
"""

from sqlalchemy import delete, select

from course_lib.shop import Tag


async def set_tags(session, user, names):
    wanted = set(names)
    found = (await session.scalars(select(Tag).where(Tag.name.in_(wanted)))).all()
    made = [Tag(name=name) for name in sorted(wanted - {tag.name for tag in found})]
    await user.awaitable_attrs.tags

    gone = [tag for tag in user.tags if tag not in found]
    user.tags = [*found, *made]
    await session.flush()
    lonely = delete(Tag).where(Tag.id.in_([tag.id for tag in gone]), ~Tag.users.any())
    await session.execute(lonely.execution_options(synchronize_session=False))
