"""Breaks: results.

Collects the results as the jobs end.
"""

import asyncio


async def run_jobs(registry, jobs):
    results = []

    async def alone(job):
        try:
            results.append(await job())
        finally:
            await registry.remove()

    async with asyncio.TaskGroup() as group:
        for job in jobs:
            group.create_task(alone(job))
    return results
