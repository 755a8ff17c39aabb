"""Breaks: owner.

The key is set, and the user is not loaded there.
"""

from course_lib.shop import Order


async def add_order(session, user, ordered_on, cds, cents):
    order = Order(user_id=user.id, ordered_on=ordered_on, cds=cds, cents=cents)
    session.add(order)
    await session.flush()
    return order
