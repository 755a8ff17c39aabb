"""Breaks: stopped.

Stops waiting, and leaves the late part at work. Only a cancellation of its own makes it tidy up.
"""

import asyncio


async def report(sessions, parts, seconds):
    async def alone(part):
        async with sessions() as session:
            return await part(session)

    tasks = {name: asyncio.create_task(alone(part)) for name, part in parts.items()}
    try:
        if tasks:
            await asyncio.wait(tasks.values(), timeout=seconds)
    except asyncio.CancelledError:
        for task in tasks.values():
            task.cancel()
        await asyncio.wait(tasks.values())
        raise
    return {name: task.result() for name, task in tasks.items() if task.done()}
