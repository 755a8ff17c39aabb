"""One statement for the user with the tags."""

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from course_lib.shop import Tag, User


async def set_tags(session, user, names):
    wanted = set(names)
    found = (await session.scalars(select(Tag).where(Tag.name.in_(wanted)))).all()
    made = [Tag(name=name) for name in sorted(wanted - {tag.name for tag in found})]

    statement = select(User).where(User.id == user.id).options(selectinload(User.tags))
    await session.execute(statement)
    user.tags[:] = [*found, *made]
