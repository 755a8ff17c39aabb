"""Breaks: connections.

The gate stands inside the session's block: who waits there holds a connection.
"""

import asyncio


async def run_all(sessions, items, work, limit):
    room, gate = asyncio.Semaphore(2 * limit), asyncio.Semaphore(limit)

    async def one(item):
        try:
            async with sessions() as session:
                await session.connection()
                async with gate:
                    return await work(session, item)
        finally:
            room.release()

    tasks = []
    async with asyncio.TaskGroup() as group:
        for item in items:
            await room.acquire()
            tasks.append(group.create_task(one(item)))
    return [task.result() for task in tasks]
