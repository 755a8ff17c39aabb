"""Breaks: in-list.

The list hears of it from the owner, and again by `append`.
"""

from course_lib.shop import Order


async def add_order(session, user, ordered_on, cds, cents):
    order = Order(user=user, ordered_on=ordered_on, cds=cds, cents=cents)
    session.add(order)
    if "orders" in user.__dict__:
        user.orders.append(order)
    await session.flush()
    return order
