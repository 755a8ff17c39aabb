"""A deadline in each task, which says whether it struck.
"""

import asyncio

async def report(sessions, parts, seconds):
    done = {}

    async def one(name, part):
        try:
            async with asyncio.timeout(seconds) as deadline, sessions() as session:
                done[name] = await part(session)
        except TimeoutError:
            if not deadline.expired():
                raise

    async with asyncio.TaskGroup() as group:
        for name, part in parts.items():
            group.create_task(one(name, part))
    return {name: done[name] for name in parts if name in done}
