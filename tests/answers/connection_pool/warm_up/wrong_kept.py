"""Breaks: given-back.

Holds them for later.
"""

held = []


async def warm_up(engine, count):
    here = []
    try:
        for _ in range(count):
            here.append(await engine.connect())
    except BaseException:
        for connection in here:
            await connection.close()
        raise
    held.extend(here)
