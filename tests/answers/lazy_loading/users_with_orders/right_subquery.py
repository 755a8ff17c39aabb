"""Another loader: two statements, whatever the number of users."""

from sqlalchemy import select
from sqlalchemy.orm import subqueryload

from course_lib.shop import User


async def users_with_orders(session, country):
    statement = select(User).options(subqueryload(User.orders)).where(User.country == country)
    return (await session.scalars(statement.order_by(User.id))).all()
