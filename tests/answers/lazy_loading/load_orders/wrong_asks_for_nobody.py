"""Breaks: nothing.

Sends an IN with an empty list.
"""

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from course_lib.shop import User


async def load_orders(session, users):
    ids = [user.id for user in users]
    await session.scalars(select(User).where(User.id.in_(ids)).options(selectinload(User.orders)))
