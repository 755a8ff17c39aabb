"""Breaks: hidden.

Commits before the payment, and deletes what was refused.
"""

import asyncio

from sqlalchemy import delete

from course_lib.shop import Order


async def place_orders(sessions, baskets, pay):
    async def take_away(order):
        async with sessions.begin() as session:
            await session.execute(delete(Order).where(Order.id == order.id))

    async def place(basket):
        async with sessions.begin() as session:
            order = Order(**basket)
            session.add(order)
        try:
            await pay(order.id, order.cents)
        except ValueError:
            await take_away(order)
            return None
        except BaseException:
            await take_away(order)
            raise
        return order.id

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(place(basket)) for basket in baskets]
    return [task.result() for task in tasks]
