"""A position as text, as one would put it into a link."""

from datetime import date

from sqlalchemy import select, tuple_

from course_lib.shop import Order


async def next_page(session, after, size):
    statement = select(Order)
    if after is not None:
        day, _, number = after[0].partition("/")
        statement = statement.where(tuple_(Order.ordered_on, Order.id) > (date.fromisoformat(day), int(number)))
    found = (await session.scalars(statement.order_by(Order.ordered_on, Order.id).limit(size + 1))).all()
    page = found[:size]
    return page, (f"{page[-1].ordered_on}/{page[-1].id}",) if found[size:] else None
