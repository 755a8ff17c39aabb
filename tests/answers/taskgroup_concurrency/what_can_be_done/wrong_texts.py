"""Breaks: failed.

Gives the messages instead of the exceptions.
"""

import asyncio


async def save_each(sessions, items, save):
    failed = {}

    async def one(item):
        try:
            async with sessions.begin() as session:
                await save(session, item)
        except LookupError as error:
            failed[item] = str(error)
        except Exception as error:
            failed[item] = error

    async with asyncio.TaskGroup() as group:
        for item in items:
            group.create_task(one(item))
    return failed
