"""Breaks: caller-commits.

It commits by itself.
"""

from course_lib.shop import Order


async def add_order(session, user, ordered_on, cds, cents):
    order = Order(user=user, ordered_on=ordered_on, cds=cds, cents=cents)
    session.add(order)
    await session.commit()
    return order
