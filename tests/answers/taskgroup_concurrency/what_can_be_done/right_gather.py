"""`gather` with `return_exceptions=True`; it cancels its tasks when it is cancelled itself."""

import asyncio


async def save_each(sessions, items, save):
    async def one(item):
        async with sessions.begin() as session:
            await save(session, item)

    results = await asyncio.gather(*(one(item) for item in items), return_exceptions=True)
    return {item: error for item, error in zip(items, results, strict=True) if error is not None}
