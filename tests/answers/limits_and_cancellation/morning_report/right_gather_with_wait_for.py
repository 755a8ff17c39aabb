"""`wait_for` for each part, under a `gather` whose tasks are ended by hand."""

import asyncio

LATE = object()


async def report(sessions, parts, seconds):
    async def alone(part):
        async with sessions() as session:
            running = asyncio.ensure_future(part(session))
            try:
                done, _ = await asyncio.wait([running], timeout=seconds)
                return running.result() if done else LATE
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)

    tasks = [asyncio.ensure_future(alone(part)) for part in parts.values()]
    try:
        results = await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return {name: result for name, result in zip(parts, results, strict=True) if result is not LATE}
