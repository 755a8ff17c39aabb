"""Breaks: paid.

The colleague's shared session: a refusal rolls back the orders of the others.
"""

import asyncio

from course_lib.shop import Order


async def place_orders(sessions, baskets, pay):
    async with sessions() as session:
        await session.connection()
        turn = asyncio.Lock()

        async def place(basket):
            order = Order(**basket)
            async with turn:
                session.add(order)
                await session.flush()
            order_id, cents = order.id, order.cents
            try:
                await pay(order_id, cents)
            except ValueError:
                await session.rollback()
                return None
            await session.commit()
            return order_id

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(place(basket)) for basket in baskets]
        return [task.result() for task in tasks]
