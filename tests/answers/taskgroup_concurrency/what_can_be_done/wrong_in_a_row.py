"""Breaks: together.

One item after the other.
"""


async def save_each(sessions, items, save):
    failed = {}
    for item in items:
        try:
            async with sessions.begin() as session:
                await save(session, item)
        except Exception as error:
            failed[item] = error
    return failed
