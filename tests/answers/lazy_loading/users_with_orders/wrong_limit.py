"""Breaks: members.

The common recipe's own function: it stops after 100 users.
"""

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from course_lib.shop import User


async def users_with_orders(session, country, limit=100):
    statement = select(User).options(selectinload(User.orders)).where(User.country == country)
    return list((await session.scalars(statement.order_by(User.id.desc()).limit(limit))).all())[::-1]
