"""Breaks: unknown.

one() raises when there is no such user.
"""

from sqlalchemy import select
from sqlalchemy.orm import raiseload, selectinload

from course_lib.shop import Order, User


async def user_page(session, user_id):
    statement = select(User).options(
        selectinload(User.orders).selectinload(Order.lines), raiseload("*")
    )
    return (await session.scalars(statement.where(User.id == user_id))).one()
