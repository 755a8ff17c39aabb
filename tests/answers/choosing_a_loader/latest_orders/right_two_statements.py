"""Users first, then their latest orders through a window."""

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from course_lib.shop import Order, User


async def latest_orders(session):
    place = func.row_number().over(
        partition_by=Order.user_id, order_by=[Order.ordered_on.desc(), Order.id.desc()]
    )
    placed = select(Order, place.label("place")).subquery()
    best = aliased(Order, placed)
    orders = await session.scalars(select(best).where(placed.c.place == 1))
    latest = {order.user_id: order for order in orders}
    users = await session.scalars(select(User).order_by(User.id))
    return [(user, latest.get(user.id)) for user in users]
