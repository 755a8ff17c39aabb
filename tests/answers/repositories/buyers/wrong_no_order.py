"""Breaks: order.

Names no order.
"""

from sqlalchemy import select

from course_lib.shop import Order, OrderLine, User


async def buyers(session, product_id):
    of_product = OrderLine.product_id == product_id
    return list(await session.scalars(select(User).where(User.orders.any(Order.lines.any(of_product)))))
