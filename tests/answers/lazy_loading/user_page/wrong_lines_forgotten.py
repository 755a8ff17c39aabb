"""Breaks: loaded.

Loads the orders; what lies below them is guarded too.
"""

from sqlalchemy import select
from sqlalchemy.orm import raiseload, selectinload

from course_lib.shop import User


async def user_page(session, user_id):
    statement = select(User).options(selectinload(User.orders), raiseload("*")).where(User.id == user_id)
    return (await session.scalars(statement)).one_or_none()
