"""Breaks: others.

The delete has lost its id: every visitor goes.
"""

from sqlalchemy import delete

from course_lib.shop import User


async def forget_visitor(sessions, user_id):
    async with sessions.begin() as session:
        user = await session.get(User, user_id)
        if user is None or await user.awaitable_attrs.orders:
            return False
        await session.execute(delete(User).where(~User.orders.any()))
        return True
