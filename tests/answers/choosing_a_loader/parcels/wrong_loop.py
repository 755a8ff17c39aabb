"""Breaks: budget.

Awaits the lines of each order.
"""

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from course_lib.shop import Order, User


async def parcels(session, since):
    statement = (
        select(Order)
        .options(joinedload(Order.user).selectinload(User.tags))
        .where(Order.ordered_on >= since)
        .order_by(Order.id)
    )
    orders = list(await session.scalars(statement))
    for order in orders:
        await order.awaitable_attrs.lines
    return orders
