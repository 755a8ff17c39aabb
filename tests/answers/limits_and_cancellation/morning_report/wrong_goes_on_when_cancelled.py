"""Breaks: cancelled.

`asyncio.wait` leaves its tasks running when it is cancelled.
"""

import asyncio


async def report(sessions, parts, seconds):
    async def alone(part):
        async with sessions() as session:
            return await part(session)

    tasks = {name: asyncio.create_task(alone(part)) for name, part in parts.items()}
    if not tasks:
        return {}
    ended, late = await asyncio.wait(tasks.values(), timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
    for task in late:
        task.cancel()
    if late:
        await asyncio.wait(late)
    return {name: task.result() for name, task in tasks.items() if task in ended}
