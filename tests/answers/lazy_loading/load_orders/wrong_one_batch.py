"""Breaks: loaded.

Remembers the limit of 500 and forgets the rest.
"""

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from course_lib.shop import User


async def load_orders(session, users):
    if not users:
        return
    ids = [user.id for user in users][:500]
    await session.scalars(select(User).where(User.id.in_(ids)).options(selectinload(User.orders)))
