"""Breaks: error.

If no connection is to be had, `finally` closes what was never opened.
"""

from sqlalchemy import text


async def tell_each(engine, sql, tell):
    try:
        connection = await engine.connect()
        rows = (await connection.execute(text(sql))).all()
        for row in rows:
            await tell(row[0])
    finally:
        await connection.close()
    return len(rows)
