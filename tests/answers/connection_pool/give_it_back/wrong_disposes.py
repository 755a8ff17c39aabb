"""Breaks: pool.

Disposes of the engine to be on the safe side.
"""

from sqlalchemy import text


async def tell_each(engine, sql, tell):
    async with engine.connect() as connection:
        rows = (await connection.execute(text(sql))).all()
        for row in rows:
            await tell(row[0])
    await engine.dispose()
    return len(rows)
