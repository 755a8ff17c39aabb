"""Breaks: on-error.

An error skips the removal.
"""

import asyncio


async def run_jobs(registry, jobs):
    async def alone(job):
        try:
            result = await job()
        except asyncio.CancelledError:
            await registry.remove()
            raise
        await registry.remove()
        return result

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(alone(job)) for job in jobs]
    return [task.result() for task in tasks]
