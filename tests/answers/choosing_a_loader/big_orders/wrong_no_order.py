"""Breaks: order.

No ORDER BY.
"""

from sqlalchemy import select

from course_lib.shop import Order, User


async def big_orders(session, cents):
    statement = select(User, Order).join(User.orders).where(Order.cents >= cents)
    found = {}
    for user, order in await session.execute(statement):
        found.setdefault(user, []).append(order)
    return list(found.items())
