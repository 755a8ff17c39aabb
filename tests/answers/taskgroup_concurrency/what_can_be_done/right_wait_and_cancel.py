"""`asyncio.wait`, and a `finally` that ends what is still at work."""

import asyncio


async def save_each(sessions, items, save):
    async def one(item):
        async with sessions() as session, session.begin():
            await save(session, item)

    tasks = {item: asyncio.create_task(one(item)) for item in items}
    if not tasks:
        return {}
    try:
        await asyncio.wait(tasks.values())
    finally:
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
    return {item: task.exception() for item, task in tasks.items() if task.exception()}
