"""Breaks: order.

Ordered by the day; several orders of one day, and those entered late, come as they like.
"""

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from course_lib.shop import Order, User


async def parcels(session, since):
    statement = (
        select(Order)
        .options(selectinload(Order.lines), joinedload(Order.user).selectinload(User.tags))
        .where(Order.ordered_on >= since)
        .order_by(Order.ordered_on)
    )
    return list(await session.scalars(statement))
