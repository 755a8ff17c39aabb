"""Breaks: in-time.

A late part stands in the report, with None.
"""

import asyncio

async def report(sessions, parts, seconds):
    done = dict.fromkeys(parts)

    async def one(name, part):
        async with sessions() as session:
            done[name] = await part(session)

    try:
        async with asyncio.timeout(seconds), asyncio.TaskGroup() as group:
            for name, part in parts.items():
                group.create_task(one(name, part))
    except TimeoutError:
        pass
    return done
