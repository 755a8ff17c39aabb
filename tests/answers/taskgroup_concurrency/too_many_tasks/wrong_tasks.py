"""Breaks: one.

The colleague's tasks, a session and some statements for each.
"""

import asyncio

from course_lib.shop import Product


async def basket_totals(sessions, baskets):
    async def total(basket):
        async with sessions() as session:
            cents = 0
            for number, copies in basket.items():
                product = await session.get(Product, number)
                if product is None:
                    return None
                cents += product.cents * copies
            return cents

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(total(basket)) for basket in baskets]
    return [task.result() for task in tasks]
