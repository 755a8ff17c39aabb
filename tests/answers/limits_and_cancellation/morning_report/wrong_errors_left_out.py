"""Breaks: error.

A part that raises is left out like a late one.
"""

import asyncio


async def report(sessions, parts, seconds):
    done = {}

    async def alone(name):
        try:
            async with asyncio.timeout(seconds), sessions() as session:
                done[name] = await parts[name](session)
        except Exception:
            pass

    async with asyncio.TaskGroup() as group:
        for name in parts:
            group.create_task(alone(name))
    return {name: done[name] for name in parts if name in done}
