"""Breaks: unknown.

Who is not there counts as forgotten.
"""

from course_lib.shop import User


async def forget_visitor(sessions, user_id):
    async with sessions.begin() as session:
        user = await session.get(User, user_id)
        if user is not None:
            if await user.awaitable_attrs.orders:
                return False
            await session.delete(user)
    return True
