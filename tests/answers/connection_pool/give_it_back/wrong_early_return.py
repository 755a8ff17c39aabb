"""Breaks: given-back.

The `return` for no rows stands before the `close()`.
"""

from sqlalchemy import text


async def tell_each(engine, sql, tell):
    connection = await engine.connect()
    try:
        rows = (await connection.execute(text(sql))).all()
        for row in rows:
            await tell(row[0])
    except BaseException:
        await connection.close()
        raise
    if not rows:
        return 0
    await connection.close()
    return len(rows)
