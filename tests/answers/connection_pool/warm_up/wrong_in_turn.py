"""Breaks: ready.

One after the other: each time the same connection.
"""


async def warm_up(engine, count):
    for _ in range(count):
        async with engine.connect():
            pass
