"""Breaks: error.

Gives None where `render` raised.
"""

import asyncio

from sqlalchemy import select

from course_lib.shop import Order, User


async def poster(sessions, user_id, render):
    async with sessions() as session:
        user = await session.get(User, user_id)
        if user is None:
            return None
        query = select(Order.cents).where(Order.user_id == user_id).order_by(Order.id)
        cents = list(await session.scalars(query))
    try:
        return await asyncio.to_thread(render, user.name, cents)
    except Exception:
        return None
