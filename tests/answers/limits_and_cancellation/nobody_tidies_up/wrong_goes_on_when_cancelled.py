"""Breaks: on-cancel.

`asyncio.wait` leaves the jobs running when it is cancelled.
"""

import asyncio


async def run_jobs(registry, jobs):
    async def alone(job):
        try:
            return await job()
        finally:
            await registry.remove()

    tasks = [asyncio.create_task(alone(job)) for job in jobs]
    _, left = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    for task in left:
        task.cancel()
    if left:
        await asyncio.wait(left)
    return [task.result() for task in tasks if not task.cancelled()]
