"""Breaks: number.

`or None`: no rows give None.
"""

from sqlalchemy import text


async def tell_each(engine, sql, tell):
    async with engine.connect() as connection:
        rows = (await connection.execute(text(sql))).all()
        for row in rows:
            await tell(row[0])
    return len(rows) or None
