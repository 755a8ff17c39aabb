"""Loads all orders of these users and keeps the big ones."""

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
    users = await session.scalars(statement)
    return [(user, [order for order in user.orders if order.cents >= cents]) for user in users]
