"""Users first, their orders afterwards, the big ones chosen in Python."""

from sqlalchemy import select

from course_lib.patterns import fill_in
from course_lib.shop import Order, User


async def big_orders(session, cents):
    owners = select(Order.user_id).where(Order.cents >= cents)
    users = (await session.scalars(select(User).where(User.id.in_(owners)).order_by(User.id))).all()
    await fill_in(session, users, User.orders)
    return [(user, [order for order in user.orders if order.cents >= cents]) for user in users]
