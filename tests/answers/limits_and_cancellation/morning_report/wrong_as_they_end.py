"""Breaks: in-time.

The parts stand in the order in which they ended.
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

    async with asyncio.TaskGroup() as group:
        for name in parts:
            group.create_task(alone(name))
    return done
