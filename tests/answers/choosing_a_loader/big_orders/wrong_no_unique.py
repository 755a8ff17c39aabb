"""Breaks: raised.

contains_eager of a collection without unique().
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
    return [(user, user.orders) for user in await session.scalars(statement)]
