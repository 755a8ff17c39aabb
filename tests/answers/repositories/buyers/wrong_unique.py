"""Breaks: rows.

Lets Python remove the doubles.
"""

from sqlalchemy import select

from course_lib.shop import Order, OrderLine, User


async def buyers(session, product_id):
    statement = select(User).join(User.orders).join(Order.lines).where(OrderLine.product_id == product_id)
    return list((await session.scalars(statement.order_by(User.id))).unique())
