"""Breaks: stopped.

Cancels the late part, and does not wait for its end.
"""

import asyncio


async def report(sessions, parts, seconds):
    async def alone(part):
        async with sessions() as session:
            return await part(session)

    tasks = {name: asyncio.create_task(alone(part)) for name, part in parts.items()}
    try:
        if tasks:
            await asyncio.wait(tasks.values(), timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
    except asyncio.CancelledError:
        for task in tasks.values():
            task.cancel()
        await asyncio.wait(tasks.values())
        raise
    for task in tasks.values():
        task.cancel()
    return {name: task.result() for name, task in tasks.items() if task.done()}
