"""Breaks: common/never-awaited.

Everything happens, and one needless call is left without an await.
"""

from course_lib.shop import User


async def forget_visitor(sessions, user_id):
    async with sessions() as session:
        user = await session.get(User, user_id)
        if user is None or await user.awaitable_attrs.orders:
            return False
        await session.delete(user)
        session.flush()
        await session.commit()
        return True
