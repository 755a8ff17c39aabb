"""Breaks: exactly.

An order of exactly that amount is left out.
"""

from sqlalchemy import select

from course_lib.shop import Order, User


async def big_orders(session, cents):
    statement = select(User, Order).join(User.orders).where(Order.cents > cents)
    found = {}
    for user, order in await session.execute(statement.order_by(User.id, Order.id)):
        found.setdefault(user, []).append(order)
    return list(found.items())
