"""Breaks: told.

Tells the row where its first column is asked for.
"""

from sqlalchemy import text


async def tell_each(engine, sql, tell):
    async with engine.connect() as connection:
        rows = (await connection.execute(text(sql))).all()
        for row in rows:
            await tell(tuple(row))
    return len(rows)
