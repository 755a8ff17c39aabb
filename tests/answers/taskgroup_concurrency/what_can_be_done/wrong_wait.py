"""Breaks: cancelled.

`asyncio.wait` ends when it is cancelled, and what it waited for goes on.
"""

import asyncio


async def save_each(sessions, items, save):
    async def one(item):
        async with sessions.begin() as session:
            await save(session, item)

    tasks = {item: asyncio.create_task(one(item)) for item in items}
    if tasks:
        await asyncio.wait(tasks.values())
    return {item: task.exception() for item, task in tasks.items() if task.exception()}
