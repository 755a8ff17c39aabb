"""Breaks: ties.

Goes on behind the day.
"""

from sqlalchemy import select

from course_lib.shop import Order


async def next_page(session, after, size):
    statement = select(Order).order_by(Order.ordered_on, Order.id).limit(size + 1)
    if after is not None:
        statement = statement.where(Order.ordered_on > after[0])
    found = list(await session.scalars(statement))
    return found[:size], (found[size - 1].ordered_on,) if len(found) > size else None
