"""Breaks: matching.

The WHERE chooses the users; the loader beside it brings all their orders.
"""

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from course_lib.shop import Order, User


async def big_orders(session, cents):
    statement = (
        select(User)
        .where(User.orders.any(Order.cents >= cents))
        .options(selectinload(User.orders))
        .order_by(User.id)
    )
    return [(user, list(user.orders)) for user in await session.scalars(statement)]
