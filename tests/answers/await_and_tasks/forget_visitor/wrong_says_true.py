"""Breaks: customers.

Keeps the customer and still reports that everything is done.
"""

from sqlalchemy import delete

from course_lib.shop import User


async def forget_visitor(sessions, user_id):
    async with sessions.begin() as session:
        if await session.get(User, user_id) is None:
            return False
        await session.execute(delete(User).where(User.id == user_id, ~User.orders.any()))
        return True
