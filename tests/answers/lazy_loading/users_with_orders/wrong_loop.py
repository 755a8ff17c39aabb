"""Breaks: budget.

Awaits the orders of each user: N+1.
"""

from sqlalchemy import select

from course_lib.shop import User


async def users_with_orders(session, country):
    users = list(await session.scalars(select(User).where(User.country == country).order_by(User.id)))
    for user in users:
        await user.awaitable_attrs.orders
    return users
