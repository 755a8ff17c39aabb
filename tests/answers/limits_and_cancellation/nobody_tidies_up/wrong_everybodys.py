"""Breaks: callers.

Closes every session that the registry knows.
"""

import asyncio


async def run_jobs(registry, jobs):
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(job()) for job in jobs]
    finally:
        for session in registry.registry.registry.values():
            await session.close()
        registry.registry.registry.clear()
    return [task.result() for task in tasks]
