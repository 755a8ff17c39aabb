"""Breaks: in-time.

When time is up, everything is thrown away.
"""

import asyncio


async def report(sessions, parts, seconds):
    async def alone(part):
        async with sessions() as session:
            return await part(session)

    try:
        async with asyncio.timeout(seconds) as deadline, asyncio.TaskGroup() as group:
            tasks = {name: group.create_task(alone(part)) for name, part in parts.items()}
    except TimeoutError:
        if not deadline.expired():
            raise
        return {}
    return {name: task.result() for name, task in tasks.items()}
