"""Workers fed by a queue with room for as many again."""

import asyncio


async def run_all(sessions, items, work, limit):
    queue = asyncio.Queue(maxsize=limit)
    results = {}

    async def worker():
        while True:
            place, item = await queue.get()
            async with sessions() as session:
                results[place] = await work(session, item)
            queue.task_done()

    async def feed(workers):
        for numbered in enumerate(items):
            await queue.put(numbered)
        await queue.join()
        for each in workers:
            each.cancel()

    async with asyncio.TaskGroup() as group:
        workers = [group.create_task(worker()) for _ in range(limit)]
        group.create_task(feed(workers))
    return [results[place] for place in range(len(results))]
