"""Breaks: budget.

One question for each table, each of them for all rows.
"""

from sqlalchemy import select

from course_lib.shop import Order, OrderLine, User


async def buyers(session, product_id):
    lines = select(OrderLine.order_id).where(OrderLine.product_id == product_id)
    orders = list(await session.scalars(lines))
    people = set(await session.scalars(select(Order.user_id).where(Order.id.in_(orders))))
    return list(await session.scalars(select(User).where(User.id.in_(people)).order_by(User.id)))
