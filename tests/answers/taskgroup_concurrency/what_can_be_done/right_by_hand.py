"""Commit, rollback and close by hand; each task gives its error back."""

import asyncio


async def save_each(sessions, items, save):
    async def one(item):
        session = sessions()
        try:
            await save(session, item)
            await session.commit()
        except Exception as error:
            await session.rollback()
            return error
        finally:
            await session.close()
        return None

    async with asyncio.TaskGroup() as group:
        tasks = {item: group.create_task(one(item)) for item in items}
    return {item: task.result() for item, task in tasks.items() if task.result()}
