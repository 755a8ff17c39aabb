"""Breaks: members.

Takes the order's id for the user's.
"""

from sqlalchemy import select

from course_lib.shop import OrderLine, User


async def buyers(session, product_id):
    orders = select(OrderLine.order_id).where(OrderLine.product_id == product_id)
    return list(await session.scalars(select(User).where(User.id.in_(orders)).order_by(User.id)))
