"""Breaks: no-orders.

Asks for users that have an order.
"""

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from course_lib.shop import User


async def users_with_orders(session, country):
    statement = select(User).options(selectinload(User.orders)).where(User.country == country)
    return list(await session.scalars(statement.where(User.orders.any()).order_by(User.id)))
