"""Breaks: nothing-half.

Catches the error inside the block, which then ends well and commits what came before the error.
"""

import asyncio


async def save_each(sessions, items, save):
    failed = {}

    async def one(item):
        try:
            async with sessions.begin() as session:
                try:
                    await save(session, item)
                except Exception as error:
                    failed[item] = error
        except Exception as error:
            failed[item] = error

    async with asyncio.TaskGroup() as group:
        for item in items:
            group.create_task(one(item))
    return failed
