"""Breaks: beating.

Wraps the plain function in `async def` and makes a task of it.
"""

import asyncio

from sqlalchemy import select

from course_lib.shop import Order, User


async def poster(sessions, user_id, render):
    async def rendering(name, cents):
        return render(name, cents)

    async with sessions() as session:
        user = await session.get(User, user_id)
        if user is None:
            return None
        query = select(Order.cents).where(Order.user_id == user_id).order_by(Order.id)
        cents = list(await session.scalars(query))
    return await asyncio.create_task(rendering(user.name, cents))
