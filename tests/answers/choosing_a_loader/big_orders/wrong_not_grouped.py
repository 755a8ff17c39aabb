"""Breaks: members.

One entry for each row of the join, so that a user with several big orders comes several times.
"""

from sqlalchemy import select

from course_lib.shop import Order, User


async def big_orders(session, cents):
    statement = select(User, Order).join(User.orders).where(Order.cents >= cents)
    rows = await session.execute(statement.order_by(User.id, Order.id))
    return [(user, [order]) for user, order in rows]
