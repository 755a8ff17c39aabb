"""Breaks: values.

Hands over the result of the query, and no list.
"""

import asyncio

from sqlalchemy import select

from course_lib.shop import Order, User


async def poster(sessions, user_id, render):
    async with sessions() as session:
        name = await session.scalar(select(User.name).where(User.id == user_id))
        if name is None:
            return None
        cents = await session.scalars(select(Order.cents).where(Order.user_id == user_id).order_by(Order.id))
    return await asyncio.to_thread(render, name, cents)
