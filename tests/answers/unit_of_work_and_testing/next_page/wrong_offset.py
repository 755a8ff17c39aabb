"""Breaks: moved.

Counts from the top.
"""

from sqlalchemy import select

from course_lib.shop import Order


async def next_page(session, after, size):
    (start,) = after or (0,)
    statement = select(Order).order_by(Order.ordered_on, Order.id).offset(start).limit(size + 1)
    found = list(await session.scalars(statement))
    return found[:size], (start + size,) if len(found) > size else None
