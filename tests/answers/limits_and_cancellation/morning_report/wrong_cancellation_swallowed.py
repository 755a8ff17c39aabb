"""Breaks: cancelled.

When it is cancelled, it gives what it has.
"""

import asyncio


async def report(sessions, parts, seconds):
    done = {}

    async def alone(name):
        try:
            async with asyncio.timeout(seconds) as deadline, sessions() as session:
                done[name] = await parts[name](session)
        except TimeoutError:
            if not deadline.expired():
                raise

    try:
        async with asyncio.TaskGroup() as group:
            for name in parts:
                group.create_task(alone(name))
    except asyncio.CancelledError:
        pass
    return {name: done[name] for name in parts if name in done}
