"""A context manager for the scope, asynchronous and small."""

import asyncio
from contextlib import asynccontextmanager


async def run_jobs(registry, jobs):
    @asynccontextmanager
    async def scope():
        try:
            yield
        finally:
            await registry.remove()

    async def alone(job):
        async with scope():
            return await job()

    async with asyncio.TaskGroup() as group:
        tasks = list(map(group.create_task, map(alone, jobs)))
    return [task.result() for task in tasks]
