"""Breaks: complete.

The join for the lines is an inner one.
"""

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from course_lib.shop import Order, User


async def parcels(session, since):
    statement = (
        select(Order)
        .options(
            joinedload(Order.lines, innerjoin=True), joinedload(Order.user).selectinload(User.tags)
        )
        .where(Order.ordered_on >= since)
        .order_by(Order.id)
    )
    return list((await session.scalars(statement)).unique())
