"""Breaks: unknown.

The awaits are mended; None still has no orders.
"""

from course_lib.shop import User


async def forget_visitor(sessions, user_id):
    async with sessions() as session:
        user = await session.get(User, user_id)
        if await user.awaitable_attrs.orders:
            return False
        await session.delete(user)
        await session.commit()
        return True
