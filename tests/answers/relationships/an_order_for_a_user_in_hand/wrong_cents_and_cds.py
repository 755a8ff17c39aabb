"""Breaks: stored.

Two numbers are mixed up.
"""

from course_lib.shop import Order


async def add_order(session, user, ordered_on, cds, cents):
    order = Order(user=user, ordered_on=ordered_on, cds=cents, cents=cds)
    session.add(order)
    await session.flush()
    return order
