"""Breaks: readable.

Loads the user, and not what lies below.
"""

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from course_lib.shop import Order


async def parcels(session, since):
    statement = (
        select(Order)
        .options(selectinload(Order.lines), joinedload(Order.user))
        .where(Order.ordered_on >= since)
        .order_by(Order.id)
    )
    return list(await session.scalars(statement))
