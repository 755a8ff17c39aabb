"""Asks for the orders, and groups them by their users."""

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from course_lib.shop import Order


async def big_orders(session, cents):
    statement = (
        select(Order).options(joinedload(Order.user)).where(Order.cents >= cents).order_by(Order.id)
    )
    found = {}
    for order in await session.scalars(statement):
        found.setdefault(order.user_id, (order.user, []))[1].append(order)
    return [found[key] for key in sorted(found)]
