"""Breaks: at-commit.

The `try` is around the saving. The commit comes after it, and its error leaves the task.
"""

import asyncio


async def save_each(sessions, items, save):
    failed = {}

    async def one(item):
        async with sessions() as session:
            try:
                await save(session, item)
            except Exception as error:
                failed[item] = error
                return
            await session.commit()

    async with asyncio.TaskGroup() as group:
        for item in items:
            group.create_task(one(item))
    return failed
