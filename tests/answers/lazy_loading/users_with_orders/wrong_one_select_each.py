"""Breaks: budget.

Repairs a missing collection user by user, with refresh.
"""

from sqlalchemy import select

from course_lib.shop import User


async def users_with_orders(session, country):
    users = list(await session.scalars(select(User).where(User.country == country).order_by(User.id)))
    for user in users:
        await session.refresh(user, ["orders"])
    return users
