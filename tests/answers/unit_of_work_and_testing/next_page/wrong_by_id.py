"""Breaks: order.

Orders by id, which is easier to page by: late orders come last, whatever their day.
"""

from sqlalchemy import select

from course_lib.shop import Order


async def next_page(session, after, size):
    statement = select(Order).order_by(Order.id).limit(size + 1)
    if after is not None:
        statement = statement.where(Order.id > after[0])
    found = list(await session.scalars(statement))
    return found[:size], (found[size - 1].id,) if len(found) > size else None
