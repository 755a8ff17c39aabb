"""Breaks: budget.

Fetches all that follows and cuts it in Python.
"""

from sqlalchemy import select, tuple_

from course_lib.shop import Order


async def next_page(session, after, size):
    statement = select(Order).order_by(Order.ordered_on, Order.id)
    if after is not None:
        statement = statement.where(tuple_(Order.ordered_on, Order.id) > tuple_(*after))
    found = list(await session.scalars(statement))
    page = found[:size]
    return page, (page[-1].ordered_on, page[-1].id) if len(found) > size else None
