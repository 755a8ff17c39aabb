"""Tasks that wait for one another."""

import asyncio


async def warm_up(engine, count):
    barrier = asyncio.Barrier(count)

    async def hold():
        async with engine.connect():
            await barrier.wait()

    async with asyncio.TaskGroup() as group:
        for _ in range(count):
            group.create_task(hold())
