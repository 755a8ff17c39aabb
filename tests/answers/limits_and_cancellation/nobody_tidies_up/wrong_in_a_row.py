"""Breaks: together.

A task for each job, and each awaited before the next.
"""

import asyncio


async def run_jobs(registry, jobs):
    async def alone(job):
        try:
            return await job()
        finally:
            await registry.remove()

    return [await asyncio.create_task(alone(job)) for job in jobs]
