"""Breaks: others.

Repeats after whatever went wrong.
"""


async def read_once_more(engine, work):
    try:
        async with engine.connect() as connection:
            return await work(connection)
    except Exception:
        pass
    async with engine.connect() as connection:
        return await work(connection)
