"""Breaks: given-back.

Closes the session of a job that went well, and leaves it in the registry.
"""

import asyncio


async def run_jobs(registry, jobs):
    async def alone(job):
        try:
            result = await job()
        except BaseException:
            await registry.remove()
            raise
        await registry.close()
        return result

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(alone(job)) for job in jobs]
    return [task.result() for task in tasks]
