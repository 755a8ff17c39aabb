"""Breaks: kept.

Pairs, and then a clean-up that nothing asked for: the caller's loaded lists are gone.
"""

from sqlalchemy import select

from course_lib.shop import Order, User


async def big_orders(session, cents):
    statement = select(User, Order).join(User.orders).where(Order.cents >= cents)
    found = {}
    for user, order in await session.execute(statement.order_by(User.id, Order.id)):
        found.setdefault(user, []).append(order)
    for user in found:
        session.expire(user, ["orders"])
    return list(found.items())
