"""Breaks: order.

The same bet with objects.
"""

from sqlalchemy import insert

from course_lib.shop import User



async def add_users(session, rows):
    if not rows:
        return []
    return [user.id for user in await session.scalars(insert(User).returning(User), rows)]
