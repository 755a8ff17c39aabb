"""Two queries, put together by hand."""

from sqlalchemy import select
from sqlalchemy.orm.attributes import set_committed_value

from course_lib.shop import Order, User


async def users_with_orders(session, country):
    users = list(await session.scalars(select(User).where(User.country == country).order_by(User.id)))
    mine = {user.id: [] for user in users}
    orders = select(Order).join(Order.user).where(User.country == country).order_by(Order.id)
    for order in await session.scalars(orders):
        mine[order.user_id].append(order)
    for user in users:
        set_committed_value(user, "orders", mine[user.id])
    return users
