"""The ids first, from one INSERT each that is rolled back; stored with that id once it is paid."""

import asyncio

from sqlalchemy import insert, text

from course_lib.shop import Order


async def place_orders(sessions, baskets, pay):
    async with sessions() as session:
        number = text("SELECT nextval(pg_get_serial_sequence('orders', 'id'))")
        ids = [await session.scalar(number) for _ in baskets]

    async def paid(order_id, basket):
        try:
            await pay(order_id, basket["cents"])
        except ValueError:
            return None
        async with sessions.begin() as session:
            await session.execute(insert(Order).values(id=order_id, **basket))
        return order_id

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(paid(*pair)) for pair in zip(ids, baskets, strict=True)]
    return [task.result() for task in tasks]
