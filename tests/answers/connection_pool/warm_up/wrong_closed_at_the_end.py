"""Breaks: given-back-on-error.

Closed at the end, which an error does not reach.
"""


async def warm_up(engine, count):
    held = []
    for _ in range(count):
        held.append(await engine.connect())
    for connection in held:
        await connection.close()
