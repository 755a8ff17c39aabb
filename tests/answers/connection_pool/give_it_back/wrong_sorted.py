"""Breaks: told.

Tells in an order of its own.
"""

from sqlalchemy import text


async def tell_each(engine, sql, tell):
    async with engine.connect() as connection:
        rows = (await connection.execute(text(sql))).all()
        rows = sorted(rows)
        for row in rows:
            await tell(row[0])
    return len(rows)
