"""Breaks: room.

Batches of `limit`: each waits for its slowest.
"""

import asyncio
from itertools import islice


async def run_all(sessions, items, work, limit):
    async def one(item):
        async with sessions() as session:
            return await work(session, item)

    source, results = iter(items), []
    while batch := list(islice(source, limit)):
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(item)) for item in batch]
        results += [task.result() for task in tasks]
    return results
