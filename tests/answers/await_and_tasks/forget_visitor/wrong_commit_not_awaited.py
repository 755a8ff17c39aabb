"""Breaks: common/never-awaited.

One half of the colleague's mistake: the delete is awaited, the commit is not.
"""

from course_lib.shop import User


async def forget_visitor(sessions, user_id):
    async with sessions() as session:
        user = await session.get(User, user_id)
        if user is None or await user.awaitable_attrs.orders:
            return False
        await session.delete(user)
        session.commit()
        return True
