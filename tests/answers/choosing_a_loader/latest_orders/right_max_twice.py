"""The latest day, and on it the highest id."""

from sqlalchemy import func, select

from course_lib.shop import Order, User


async def latest_orders(session):
    day = select(Order.user_id, func.max(Order.ordered_on).label("day")).group_by(Order.user_id).subquery()
    number = (
        select(func.max(Order.id).label("id"), Order.user_id)
        .join(day, (day.c.user_id == Order.user_id) & (day.c.day == Order.ordered_on))
        .group_by(Order.user_id)
        .subquery()
    )
    statement = (
        select(User, Order)
        .outerjoin(number, number.c.user_id == User.id)
        .outerjoin(Order, Order.id == number.c.id)
        .order_by(User.id)
    )
    return [tuple(row) for row in await session.execute(statement)]
