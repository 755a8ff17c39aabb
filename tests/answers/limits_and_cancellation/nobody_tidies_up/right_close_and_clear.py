"""Closes the session itself, and takes it out of the registry."""

import asyncio


async def run_jobs(registry, jobs):
    async def alone(job):
        try:
            return await job()
        finally:
            if registry.registry.has():
                await registry().close()
                registry.registry.clear()

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(alone(job)) for job in jobs]
    return [task.result() for task in tasks]
