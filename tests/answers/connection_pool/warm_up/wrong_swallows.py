"""Breaks: error.

Content with what it got.
"""


async def warm_up(engine, count):
    held = []
    try:
        for _ in range(count):
            held.append(await engine.connect())
    except OSError:
        pass
    finally:
        for connection in held:
            await connection.close()
