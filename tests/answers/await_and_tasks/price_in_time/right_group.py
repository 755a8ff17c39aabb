"""A TaskGroup with a watch that cancels the question; errors arrive in a group."""

import asyncio


async def price_in_time(ask, product_id, list_price, seconds):
    async with asyncio.TaskGroup() as group:
        question = group.create_task(ask(product_id))

        async def watch():
            await asyncio.wait([question], timeout=seconds)
            question.cancel()

        group.create_task(watch())
    return list_price if question.cancelled() else question.result()
