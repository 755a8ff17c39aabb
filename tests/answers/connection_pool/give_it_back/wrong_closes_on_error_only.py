"""Breaks: given-back.

Closes after errors only.
"""

import asyncio

from sqlalchemy import text


async def tell_each(engine, sql, tell):
    connection = await engine.connect()
    try:
        rows = (await connection.execute(text(sql))).all()
        for row in rows:
            await tell(row[0])
    except (Exception, asyncio.CancelledError):
        await connection.close()
        raise
    return len(rows)
