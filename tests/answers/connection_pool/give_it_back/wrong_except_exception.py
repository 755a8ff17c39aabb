"""Breaks: given-back-on-cancel.

`except Exception` does not see the cancellation.
"""

from sqlalchemy import text


async def tell_each(engine, sql, tell):
    connection = await engine.connect()
    try:
        rows = (await connection.execute(text(sql))).all()
        for row in rows:
            await tell(row[0])
    except Exception:
        await connection.close()
        raise
    await connection.close()
    return len(rows)
