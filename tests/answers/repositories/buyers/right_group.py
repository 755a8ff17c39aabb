"""GROUP BY the key, and sorted in Python."""

from sqlalchemy import select

from course_lib.shop import Order, OrderLine, User


async def buyers(session, product_id):
    statement = (
        select(User)
        .join(Order, Order.user_id == User.id)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(OrderLine.product_id == product_id)
        .group_by(User.id, User.name, User.email, User.country)
    )
    return sorted(await session.scalars(statement), key=lambda user: user.id)
