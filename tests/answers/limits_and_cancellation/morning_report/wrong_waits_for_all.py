"""Breaks: late.

Looks at the clock when all are done.
"""

import asyncio


async def report(sessions, parts, seconds):
    loop = asyncio.get_running_loop()
    end, done = loop.time() + seconds, {}

    async def alone(name):
        async with sessions() as session:
            result = await parts[name](session)
        if loop.time() <= end:
            done[name] = result

    async with asyncio.TaskGroup() as group:
        for name in parts:
            group.create_task(alone(name))
    return {name: done[name] for name in parts if name in done}
