"""Breaks: given-back.

Tidies up where something went wrong.
"""

import asyncio


async def run_jobs(registry, jobs):
    async def alone(job):
        try:
            return await job()
        except BaseException:
            await registry.remove()
            raise

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(alone(job)) for job in jobs]
    return [task.result() for task in tasks]
