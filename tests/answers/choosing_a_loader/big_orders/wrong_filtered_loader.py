"""Breaks: unharmed.

A loader with a filter fills user.orders with a part of the orders.
"""

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from course_lib.shop import Order, User


async def big_orders(session, cents):
    statement = (
        select(User)
        .where(User.orders.any(Order.cents >= cents))
        .options(selectinload(User.orders.and_(Order.cents >= cents)))
        .order_by(User.id)
        .execution_options(populate_existing=True)
    )
    users = await session.scalars(statement)
    return [(user, list(user.orders)) for user in users]
