"""Breaks: size.

Shows the one more as well.
"""

from sqlalchemy import select, tuple_

from course_lib.shop import Order


async def next_page(session, after, size):
    statement = select(Order).order_by(Order.ordered_on, Order.id).limit(size + 1)
    if after is not None:
        statement = statement.where(tuple_(Order.ordered_on, Order.id) > tuple_(*after))
    page = list(await session.scalars(statement))
    return page, (page[-1].ordered_on, page[-1].id) if len(page) > size else None
