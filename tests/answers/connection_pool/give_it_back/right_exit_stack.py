"""An exit stack closes, whatever happens."""

from contextlib import AsyncExitStack

from sqlalchemy import text


async def tell_each(engine, sql, tell):
    async with AsyncExitStack() as stack:
        connection = await engine.connect()
        stack.push_async_callback(connection.close)
        rows = (await connection.execute(text(sql))).all()
        for value, *_ in rows:
            await tell(value)
    return len(rows)
