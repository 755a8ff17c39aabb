"""Breaks: number.

`rowcount` of a query may be -1.
"""

from sqlalchemy import text


async def tell_each(engine, sql, tell):
    async with engine.connect() as connection:
        result = await connection.execute(text(sql))
        for row in result:
            await tell(row[0])
        return result.rowcount
