"""Breaks: together.

One part after the other, all under one deadline.
"""

import asyncio


async def report(sessions, parts, seconds):
    done = {}
    try:
        async with asyncio.timeout(seconds) as deadline:
            for name, part in parts.items():
                async with sessions() as session:
                    done[name] = await part(session)
    except TimeoutError:
        if not deadline.expired():
            raise
    return done
