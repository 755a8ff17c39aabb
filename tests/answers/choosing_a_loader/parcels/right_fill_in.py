"""Objects first, relationships afterwards."""

from sqlalchemy import select

from course_lib.patterns import fill_in
from course_lib.shop import Order, User


async def parcels(session, since):
    statement = select(Order).where(Order.ordered_on >= since).order_by(Order.id)
    orders = (await session.scalars(statement)).all()
    owners = select(User).where(User.id.in_(select(Order.user_id).where(Order.ordered_on >= since)))
    users = (await session.scalars(owners)).all()
    await fill_in(session, users, User.tags)
    await fill_in(session, orders, Order.lines, Order.user)
    return list(orders)
