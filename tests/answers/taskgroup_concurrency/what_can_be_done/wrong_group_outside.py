"""Breaks: goes-on.

Catches around the group: by then the others are cancelled. It waits long enough for the good ones here.
"""

import asyncio


async def save_each(sessions, items, save):
    failed = {}

    async def one(item):
        try:
            async with sessions.begin() as session:
                await save(session, item)
        except LookupError:
            await asyncio.sleep(0.1)
            raise
        except Exception as error:
            failed[item] = error

    async with asyncio.TaskGroup() as group:
        for item in items:
            group.create_task(one(item))
    return failed
