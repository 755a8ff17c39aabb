"""Each way out by hand, BaseException among them."""

from sqlalchemy import text


async def tell_each(engine, sql, tell):
    connection = await engine.connect()
    count = 0
    try:
        for row in await connection.execute(text(sql)):
            await tell(row[0])
            count += 1
    except BaseException:
        await connection.close()
        raise
    await connection.close()
    return count
