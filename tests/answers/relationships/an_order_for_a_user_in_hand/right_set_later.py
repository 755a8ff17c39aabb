"""The owner is set on an order that is in the session."""

from course_lib.shop import Order


async def add_order(session, user, ordered_on, cds, cents):
    order = Order()
    session.add(order)
    order.ordered_on, order.cds, order.cents = ordered_on, cds, cents
    order.user = user
    await session.flush([order])
    return order
