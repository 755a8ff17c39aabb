"""Breaks: given-back-on-error.

An error of `tell` is no DBAPIError.
"""

import asyncio

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError


async def tell_each(engine, sql, tell):
    connection = await engine.connect()
    try:
        rows = (await connection.execute(text(sql))).all()
        for row in rows:
            await tell(row[0])
    except (asyncio.CancelledError, DBAPIError):
        await connection.close()
        raise
    await connection.close()
    return len(rows)
