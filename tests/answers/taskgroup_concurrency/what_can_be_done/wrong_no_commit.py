"""Breaks: stored.

Flushes and never commits.
"""

import asyncio


async def save_each(sessions, items, save):
    failed = {}

    async def one(item):
        try:
            async with sessions() as session:
                await save(session, item)
                await session.flush()
        except Exception as error:
            failed[item] = error

    async with asyncio.TaskGroup() as group:
        for item in items:
            group.create_task(one(item))
    return failed
