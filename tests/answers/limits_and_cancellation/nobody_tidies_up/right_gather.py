"""`gather`, with the tasks cancelled once and waited for: a second time would strike at the removal."""

import asyncio


async def run_jobs(registry, jobs):
    async def alone(job):
        try:
            result = await job()
        except BaseException:
            await registry.remove()
            raise
        await registry.remove()
        return result

    tasks = [asyncio.ensure_future(alone(job)) for job in jobs]
    try:
        return list(await asyncio.gather(*tasks))
    except BaseException:
        for task in tasks:
            if not task.cancelling():
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
