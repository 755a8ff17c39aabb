"""Breaks: room.

No overlap at all.
"""


async def run_all(sessions, items, work, limit):
    results = []
    for item in items:
        async with sessions() as session:
            results.append(await work(session, item))
    return results
