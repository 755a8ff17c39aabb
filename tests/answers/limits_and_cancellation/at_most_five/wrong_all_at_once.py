"""Breaks: limit.

A task for each item, as it is taken.
"""

import asyncio


async def run_all(sessions, items, work, limit):
    async def one(item):
        async with sessions() as session:
            return await work(session, item)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(item)) for item in items]
    return [task.result() for task in tasks]
