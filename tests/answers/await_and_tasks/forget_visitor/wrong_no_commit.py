"""Breaks: gone.

Relies on the end of the block to commit, as the common recipe's session block seems to promise.
"""

from course_lib.shop import User


async def forget_visitor(sessions, user_id):
    async with sessions() as session:
        user = await session.get(User, user_id)
        if user is None or await user.awaitable_attrs.orders:
            return False
        await session.delete(user)
        await session.flush()
        return True
