"""Breaks: given-back-on-error.

`gather` raises, and the others open theirs all the same.
"""

import asyncio


async def warm_up(engine, count):
    held = await asyncio.gather(*[engine.connect().start() for _ in range(count)])
    for connection in held:
        await connection.close()
