"""Breaks: callers.

Removes once more outside, to be on the safe side, and so the caller's session.
"""

import asyncio


async def run_jobs(registry, jobs):
    async def alone(job):
        try:
            return await job()
        finally:
            await registry.remove()

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(alone(job)) for job in jobs]
    finally:
        await registry.remove()
    return [task.result() for task in tasks]
