"""A set of at most `limit` tasks, filled up whenever one has ended."""

import asyncio


async def run_all(sessions, items, work, limit):
    async def one(item):
        async with sessions() as session:
            return await work(session, item)

    tasks, running = [], set()
    try:
        for item in items:
            if len(running) == limit:
                done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
            tasks.append(asyncio.create_task(one(item)))
            running.add(tasks[-1])
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
