"""Breaks: pool.

Throws its connection away.
"""

from sqlalchemy import text


async def tell_each(engine, sql, tell):
    connection = await engine.connect()
    try:
        rows = (await connection.execute(text(sql))).all()
        for row in rows:
            await tell(row[0])
        return len(rows)
    finally:
        await connection.invalidate()
