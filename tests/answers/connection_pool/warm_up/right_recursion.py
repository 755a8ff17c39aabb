"""One block inside the other."""


async def warm_up(engine, count):
    if count > 0:
        async with engine.connect():
            await warm_up(engine, count - 1)
