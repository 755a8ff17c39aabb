"""Breaks: raised.

The colleague's: the list is touched first.
"""

from course_lib.shop import Order


async def add_order(session, user, ordered_on, cds, cents):
    order = Order(ordered_on=ordered_on, cds=cds, cents=cents)
    user.orders.append(order)
    await session.flush()
    return order
