"""Breaks: moved.

The position is the next page's first order, and what comes in before it is passed over.
"""

from sqlalchemy import select, tuple_

from course_lib.shop import Order


async def next_page(session, after, size):
    q = select(Order).order_by(Order.ordered_on, Order.id).limit(size + 1)
    if after is not None:
        q = q.where(tuple_(Order.ordered_on, Order.id) >= tuple_(*after))
    found = (await session.scalars(q)).all()
    return list(found[:size]), ((found[size].ordered_on, found[size].id) if len(found) > size else None)
