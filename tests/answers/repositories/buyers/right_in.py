"""IN, with two queries inside."""

from sqlalchemy import select

from course_lib.shop import Order, OrderLine, User


async def buyers(session, product_id):
    orders = select(OrderLine.order_id).where(OrderLine.product_id == product_id)
    people = select(Order.user_id).where(Order.id.in_(orders))
    return list(await session.scalars(select(User).where(User.id.in_(people)).order_by(User.id)))
