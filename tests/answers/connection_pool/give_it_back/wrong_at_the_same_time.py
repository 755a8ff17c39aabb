"""Breaks: in-turn.

Tells all of them at the same time.
"""

import asyncio

from sqlalchemy import text


async def tell_each(engine, sql, tell):
    async with engine.connect() as connection:
        values = (await connection.scalars(text(sql))).all()
    async with asyncio.TaskGroup() as group:
        for value in values:
            group.create_task(tell(value))
    return len(values)
