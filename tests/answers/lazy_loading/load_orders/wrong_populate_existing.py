"""Breaks: kept.

Overwrites every object with what the database knows.
"""

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from course_lib.shop import User


async def load_orders(session, users):
    if not users:
        return
    statement = select(User).where(User.id.in_([user.id for user in users]))
    statement = statement.options(selectinload(User.orders)).execution_options(populate_existing=True)
    await session.scalars(statement)
