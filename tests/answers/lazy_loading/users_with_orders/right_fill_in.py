"""The users first, and then their orders, for all of them."""

from sqlalchemy import select

from course_lib.patterns import fill_in
from course_lib.shop import User


async def users_with_orders(session, country):
    users = list(await session.scalars(select(User).where(User.country == country).order_by(User.id)))
    await fill_in(session, users, User.orders)
    return users
