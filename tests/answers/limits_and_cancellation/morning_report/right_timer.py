"""A timer that cancels the tasks one by one."""

import asyncio


async def report(sessions, parts, seconds):
    late = set()

    async def alone(name):
        async with sessions() as session:
            return await parts[name](session)

    async def stop(tasks):
        await asyncio.sleep(seconds)
        for name, task in tasks.items():
            if not task.done():
                late.add(name)
                task.cancel()

    async with asyncio.TaskGroup() as group:
        tasks = {name: group.create_task(alone(name)) for name in parts}
        timer = group.create_task(stop(tasks))
        if tasks:
            await asyncio.wait(tasks.values())
        timer.cancel()
    return {name: task.result() for name, task in tasks.items() if name not in late}
