"""The session stays open; the commit gives its connection back."""

import asyncio

from sqlalchemy import select

from course_lib.shop import Order, User


async def poster(sessions, user_id, render):
    async with sessions() as session:
        user = await session.get(User, user_id)
        if user is None:
            return None
        rows = await session.execute(select(Order.id, Order.cents).where(Order.user_id == user_id))
        cents = [cents for _, cents in sorted(rows.all())]
        name = user.name
        await session.commit()
        return await asyncio.to_thread(render, name, cents)
