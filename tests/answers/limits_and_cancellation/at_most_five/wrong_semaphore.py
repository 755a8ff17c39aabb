"""Breaks: taken.

A semaphore in each task; the tasks are all made before the first is done.
"""

import asyncio


async def run_all(sessions, items, work, limit):
    gate = asyncio.Semaphore(limit)

    async def one(item):
        async with gate, sessions() as session:
            return await work(session, item)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(item)) for item in items]
    return [task.result() for task in tasks]
