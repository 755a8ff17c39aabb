"""Breaks: order.

Collects the ids as the bank answers.
"""

import asyncio

from course_lib.shop import Order


async def place_orders(sessions, baskets, pay):
    placed = []

    async def place(basket):
        try:
            async with sessions.begin() as session:
                order = Order(**basket)
                session.add(order)
                await session.flush()
                await pay(order.id, order.cents)
        except ValueError:
            placed.append(None)
        else:
            placed.append(order.id)

    async with asyncio.TaskGroup() as group:
        for basket in baskets:
            group.create_task(place(basket))
    return placed
