"""Breaks: budget.

The order is read again after it was written.
"""

from course_lib.shop import Order


async def add_order(session, user, ordered_on, cds, cents):
    order = Order(user=user, ordered_on=ordered_on, cds=cds, cents=cents)
    session.add(order)
    await session.flush()
    await session.refresh(order, ["cents"])
    return order
