"""Breaks: ready.

One less than asked for.
"""


async def warm_up(engine, count):
    held = []
    try:
        for _ in range(count - 1):
            held.append(await engine.connect())
    finally:
        for connection in held:
            await connection.close()
