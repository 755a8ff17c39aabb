"""RETURNING counts what went."""

from sqlalchemy import delete, select

from course_lib.shop import Order, OrderLine, User


async def remove_orphans(session):
    good = select(Order.id).where(Order.user_id.in_(select(User.id)))

    lines = await session.scalars(
        delete(OrderLine).where(OrderLine.order_id.not_in(good)).returning(OrderLine.id)
    )
    orders = await session.scalars(delete(Order).where(Order.id.not_in(good)).returning(Order.id))
    return len(orders.all()), len(lines.all())
