"""Breaks: error.

Logs the error and goes on.
"""

from sqlalchemy import text


async def tell_each(engine, sql, tell):
    rows = []
    async with engine.connect() as connection:
        try:
            rows = (await connection.execute(text(sql))).all()
            for row in rows:
                await tell(row[0])
        except Exception as error:
            print(error)
    return len(rows)
