"""Breaks: stopped.

An error is handed on by `gather` while the others are at work.
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

    tasks = [asyncio.create_task(alone(name)) for name in parts]
    try:
        await asyncio.gather(*tasks)
    except asyncio.CancelledError:
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
    return {name: done[name] for name in parts if name in done}
