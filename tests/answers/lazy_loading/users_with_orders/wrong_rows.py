"""Breaks: common/rows-not-objects.

Forgets scalars(): each element is a Row with one User in it.
"""

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from course_lib.shop import User


async def users_with_orders(session, country):
    statement = select(User).options(selectinload(User.orders)).where(User.country == country)
    return list(await session.execute(statement.order_by(User.id)))
