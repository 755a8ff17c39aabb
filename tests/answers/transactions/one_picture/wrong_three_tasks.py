"""Breaks: one-moment.

Asks three questions at the same time, on three connections.
"""

import asyncio

from sqlalchemy import func, select

from course_lib.shop import Order, User


async def totals(engine):
    async def ask(statement):
        async with engine.connect() as connection:
            return await connection.scalar(statement)

    users, orders, cents = await asyncio.gather(
        ask(select(func.count()).select_from(User)),
        ask(select(func.count()).select_from(Order)),
        ask(select(func.coalesce(func.sum(Order.cents), 0))),
    )
    return {"users": users, "orders": orders, "cents": cents}
