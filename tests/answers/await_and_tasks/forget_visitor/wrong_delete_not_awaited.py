"""Breaks: common/never-awaited.

The other half: the commit is awaited and has nothing to commit.
"""

from course_lib.shop import User


async def forget_visitor(sessions, user_id):
    async with sessions() as session:
        user = await session.get(User, user_id)
        if user is None or await user.awaitable_attrs.orders:
            return False
        session.delete(user)
        await session.commit()
        return True
