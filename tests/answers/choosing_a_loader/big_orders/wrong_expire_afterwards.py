"""Breaks: held.

Cleans up behind itself; for a user whose orders were loaded before it hands out all of them.
"""

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from course_lib.shop import Order, User


async def big_orders(session, cents):
    statement = (
        select(User)
        .join(User.orders)
        .where(Order.cents >= cents)
        .options(contains_eager(User.orders))
        .order_by(User.id, Order.id)
    )
    users = (await session.scalars(statement)).unique().all()
    pairs = [(user, list(user.orders)) for user in users]
    for user in users:
        session.expire(user, ["orders"])
    return pairs
