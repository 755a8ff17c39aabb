"""Breaks: common/never-awaited.

The colleague's function, with nothing mended.
"""

from course_lib.shop import User


async def forget_visitor(sessions, user_id):
    async with sessions() as session:
        user = await session.get(User, user_id)
        if user is None:
            return False
        if await user.awaitable_attrs.orders:
            return False
        session.delete(user)
        session.commit()
        return True
