"""Breaks: budget.

The colleague's function as it was: one await for each user.
"""

from sqlalchemy import select

from course_lib.shop import User


async def tastes(session):
    users = (await session.scalars(select(User).order_by(User.id))).all()
    return {user.id: sorted(tag.name for tag in await user.awaitable_attrs.tags) for user in users}
