"""Breaks: ties.

Wants both to be greater, the day and the id.
"""

from sqlalchemy import select

from course_lib.shop import Order


async def next_page(session, after, size):
    statement = select(Order).order_by(Order.ordered_on, Order.id).limit(size + 1)
    if after is not None:
        statement = statement.where(Order.ordered_on >= after[0], Order.id > after[1])
    found = list(await session.scalars(statement))
    page = found[:size]
    return page, (page[-1].ordered_on, page[-1].id) if len(found) > size else None
