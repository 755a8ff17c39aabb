"""Pairs, grouped by itertools."""

from itertools import groupby

from sqlalchemy import select

from course_lib.shop import Order, User


async def big_orders(session, cents):
    statement = select(User, Order).join(Order.user).where(Order.cents >= cents)
    rows = await session.execute(statement.order_by(User.id, Order.id))
    return [(user, [order for _, order in group]) for user, group in groupby(rows, lambda row: row[0])]
