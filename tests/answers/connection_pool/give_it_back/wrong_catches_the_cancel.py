"""Breaks: cancelled.

Catches the cancellation and returns as if all were told.
"""

import asyncio

from sqlalchemy import text


async def tell_each(engine, sql, tell):
    async with engine.connect() as connection:
        rows = (await connection.execute(text(sql))).all()
        for row in rows:
            try:
                await tell(row[0])
            except asyncio.CancelledError:
                break
    return len(rows)
