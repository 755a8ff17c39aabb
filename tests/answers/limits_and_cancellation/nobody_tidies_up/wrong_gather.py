"""Breaks: on-error.

`gather` hands on the error while the other jobs are at work.
"""

import asyncio


async def run_jobs(registry, jobs):
    async def alone(job):
        try:
            return await job()
        finally:
            await registry.remove()

    tasks = [asyncio.create_task(alone(job)) for job in jobs]
    try:
        return list(await asyncio.gather(*tasks))
    except asyncio.CancelledError:
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
