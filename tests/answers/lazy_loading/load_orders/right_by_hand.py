"""Fetches the orders themselves and hangs them on the users."""

from sqlalchemy import select
from sqlalchemy.orm.attributes import set_committed_value

from course_lib.shop import Order


async def load_orders(session, users):
    if not users:
        return
    mine = {user.id: [] for user in users}
    orders = select(Order).where(Order.user_id.in_(list(mine))).order_by(Order.id)
    for order in await session.scalars(orders):
        mine[order.user_id].append(order)
    for user in users:
        set_committed_value(user, "orders", mine[user.id])
