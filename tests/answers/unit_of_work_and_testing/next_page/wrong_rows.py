"""Breaks: pair.

Gives Rows.
"""

from sqlalchemy import select, tuple_

from course_lib.shop import Order


async def next_page(session, after, size):
    statement = select(Order).order_by(Order.ordered_on, Order.id).limit(size + 1)
    if after is not None:
        statement = statement.where(tuple_(Order.ordered_on, Order.id) > tuple_(*after))
    found = (await session.execute(statement)).all()
    page = found[:size]
    return page, (page[-1].Order.ordered_on, page[-1].Order.id) if len(found) > size else None
