"""A join over both foreign keys, and DISTINCT."""

from sqlalchemy import select

from course_lib.shop import Order, OrderLine, User


async def buyers(session, product_id):
    statement = select(User).join(User.orders).join(Order.lines).where(OrderLine.product_id == product_id)
    return (await session.scalars(statement.distinct().order_by(User.id))).all()
