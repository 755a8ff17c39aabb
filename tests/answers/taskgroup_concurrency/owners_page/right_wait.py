"""`asyncio.wait` until the first exception, sessions made from the engine."""

import asyncio

from sqlalchemy.ext.asyncio import AsyncSession


async def owners_page(sessions, panels):
    if not panels:
        return {}
    engine = sessions.kw["bind"]

    async def alone(panel):
        session = AsyncSession(engine)
        try:
            return await panel(session)
        finally:
            await session.close()

    tasks = {name: asyncio.ensure_future(alone(panel)) for name, panel in panels.items()}
    _, pending = await asyncio.wait(tasks.values(), return_when=asyncio.FIRST_EXCEPTION)
    for task in pending:
        task.cancel()
    if pending:
        await asyncio.wait(pending)
    for task in tasks.values():
        if not task.cancelled() and task.exception():
            raise task.exception()
    return {name: task.result() for name, task in tasks.items()}
