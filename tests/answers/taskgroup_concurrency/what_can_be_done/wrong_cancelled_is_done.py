"""Breaks: cancelled.

Takes a cancellation from outside for one more failure.
"""

import asyncio


async def save_each(sessions, items, save):
    failed = {}

    async def one(item):
        try:
            async with sessions.begin() as session:
                await save(session, item)
        except BaseException as error:
            failed[item] = error

    try:
        async with asyncio.TaskGroup() as group:
            for item in items:
                group.create_task(one(item))
    except asyncio.CancelledError:
        pass
    return failed
