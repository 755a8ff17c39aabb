"""Tells in a task, so that an error comes in a group."""

import asyncio


async def order_and_tell(factory, order, tell):
    async with factory.begin() as session:
        session.add(order)
    async with asyncio.TaskGroup() as group:
        group.create_task(tell(order.id))
    return order.id
