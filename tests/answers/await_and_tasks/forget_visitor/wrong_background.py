"""Breaks: gone.

Hands the commit to a task that nobody waits for; the session is closed before its turn comes.
"""

import asyncio

from course_lib.shop import User

tasks = set()


async def forget_visitor(sessions, user_id):
    session = sessions()
    user = await session.get(User, user_id)
    if user is None or await user.awaitable_attrs.orders:
        await session.close()
        return False
    await session.delete(user)

    async def later():
        await asyncio.sleep(5)
        await session.commit()

    tasks.add(asyncio.create_task(later()))
    return True
