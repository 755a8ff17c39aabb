"""Breaks: common/never-awaited.

Calls remove() and does not await it.
"""

import asyncio

async def run_jobs(registry, jobs):
    async def one(job):
        try:
            return await job()
        finally:
            registry.remove()

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(job)) for job in jobs]
    return [task.result() for task in tasks]
