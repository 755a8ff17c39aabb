"""Breaks: common/never-awaited.

The guard's own await is forgotten: a coroutine counts as true, so nobody is ever forgotten.
"""

from course_lib.shop import User


async def forget_visitor(sessions, user_id):
    async with sessions() as session:
        user = await session.get(User, user_id)
        if user is None or user.awaitable_attrs.orders:
            return False
        await session.delete(user)
        await session.commit()
        return True
