"""Keeps the id alone, and lets the database look up its day."""

from sqlalchemy import select, tuple_
from sqlalchemy.orm import aliased

from course_lib.shop import Order


async def next_page(session, after, size):
    statement = select(Order).order_by(Order.ordered_on, Order.id).limit(size + 1)
    if after is not None:
        last = aliased(Order)
        day = select(last.ordered_on).where(last.id == after[0]).scalar_subquery()
        statement = statement.where(tuple_(Order.ordered_on, Order.id) > tuple_(day, after[0]))
    *page, = (await session.scalars(statement)).all()
    if len(page) <= size:
        return page, None
    page.pop()
    return page, (page[-1].id,)
