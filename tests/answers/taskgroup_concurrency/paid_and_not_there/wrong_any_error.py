"""Breaks: error.

Takes a broken line for a refusal.
"""

import asyncio

from course_lib.shop import Order


async def place_orders(sessions, baskets, pay):
    async def place(basket):
        try:
            async with sessions.begin() as session:
                order = Order(**basket)
                session.add(order)
                await session.flush()
                await pay(order.id, order.cents)
        except Exception:
            return None
        return order.id

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(place(basket)) for basket in baskets]
    return [task.result() for task in tasks]
