"""Breaks: together.

An await in a loop.
"""


async def owners_page(sessions, panels):
    page = {}
    for name, panel in panels.items():
        async with sessions() as session:
            page[name] = await panel(session)
    return page
