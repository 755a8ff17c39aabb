"""A thread pool of its own, and a projection instead of an object."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from course_lib.shop import Order, User


async def poster(sessions, user_id, render):
    async with sessions() as session:
        name = await session.scalar(select(User.name).where(User.id == user_id))
        spent = select(Order.cents).filter_by(user_id=user_id).order_by(Order.id)
        cents = (await session.scalars(spent)).all()
    if name is None:
        return None
    with ThreadPoolExecutor(1) as pool:
        return await asyncio.get_running_loop().run_in_executor(pool, render, name, list(cents))
