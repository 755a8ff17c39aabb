"""One statement with a join; unique() folds the repeated users."""

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from course_lib.shop import User


async def users_with_orders(session, country):
    statement = select(User).options(joinedload(User.orders)).where(User.country == country)
    return list((await session.scalars(statement.order_by(User.id))).unique())
