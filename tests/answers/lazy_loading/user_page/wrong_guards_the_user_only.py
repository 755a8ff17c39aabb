"""Breaks: guarded.

Guards one relationship by name; the lines' products stay open.
"""

from sqlalchemy import select
from sqlalchemy.orm import raiseload, selectinload

from course_lib.shop import Order, User


async def user_page(session, user_id):
    statement = select(User).options(
        selectinload(User.orders).selectinload(Order.lines), raiseload(User.tags)
    )
    return (await session.scalars(statement.where(User.id == user_id))).one_or_none()
