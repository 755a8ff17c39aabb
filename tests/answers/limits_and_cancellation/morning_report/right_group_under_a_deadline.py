"""One deadline around the group; what is done by then was noted outside."""

import asyncio


async def report(sessions, parts, seconds):
    done = {}

    async def alone(name, part):
        async with sessions() as session:
            done[name] = await part(session)

    try:
        async with asyncio.timeout(seconds) as deadline, asyncio.TaskGroup() as group:
            for name, part in parts.items():
                group.create_task(alone(name, part))
    except TimeoutError:
        if not deadline.expired():
            raise
    return {name: done[name] for name in parts if name in done}
