"""selectinload, and the session closed by hand before the thread begins."""

import asyncio
from functools import partial

from sqlalchemy.orm import selectinload

from course_lib.shop import User


async def poster(sessions, user_id, render):
    session = sessions()
    try:
        user = await session.get(User, user_id, options=[selectinload(User.orders)])
    finally:
        await session.close()
    if user is not None:
        return await asyncio.to_thread(partial(render, user.name, [order.cents for order in user.orders]))
    return None
