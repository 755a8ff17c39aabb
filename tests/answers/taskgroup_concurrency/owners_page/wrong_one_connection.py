"""Breaks: own.

A session for each panel, and one connection under all of them.
"""

import asyncio

from sqlalchemy.ext.asyncio import AsyncSession


async def owners_page(sessions, panels):
    async def alone(connection, panel):
        async with AsyncSession(bind=connection) as session:
            return await panel(session)

    async with sessions.kw["bind"].connect() as connection, asyncio.TaskGroup() as group:
        tasks = {name: group.create_task(alone(connection, panel)) for name, panel in panels.items()}
    return {name: task.result() for name, task in tasks.items()}
