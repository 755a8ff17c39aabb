"""All at once, and those that came are closed."""

import asyncio


async def open_one(engine):
    connection = engine.connect()
    await connection
    return connection


async def warm_up(engine, count):
    opened = await asyncio.gather(*(open_one(engine) for _ in range(count)), return_exceptions=True)
    errors = []
    for each in opened:
        if isinstance(each, BaseException):
            errors.append(each)
        else:
            await each.close()
    if errors:
        raise errors[0]
