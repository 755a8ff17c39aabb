"""Breaks: common/never-awaited.

`close` without await.
"""


async def warm_up(engine, count):
    held = []
    try:
        for _ in range(count):
            held.append(await engine.connect())
    finally:
        for connection in held:
            connection.close()
