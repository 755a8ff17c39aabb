"""Breaks: no-more.

Empties the pool first.
"""


async def warm_up(engine, count):
    await engine.dispose()
    held = []
    try:
        for _ in range(count):
            held.append(await engine.connect())
    finally:
        for connection in held:
            await connection.close()
