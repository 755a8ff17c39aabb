"""Breaks: stored.

The order points at the user, and is in no session.
"""

from course_lib.shop import Order


async def add_order(session, user, ordered_on, cds, cents):
    order = Order(user=user, ordered_on=ordered_on, cds=cds, cents=cents)
    await session.flush()
    return order
