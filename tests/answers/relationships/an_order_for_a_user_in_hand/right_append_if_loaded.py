"""A loaded list is appended to; else the owner is set."""

from sqlalchemy import inspect

from course_lib.shop import Order


async def add_order(session, user, ordered_on, cds, cents):
    order = Order(ordered_on=ordered_on, cds=cds, cents=cents)
    if "orders" in inspect(user).unloaded:
        order.user = user
        session.add(order)
    else:
        user.orders.append(order)
    await session.flush()
    return order
