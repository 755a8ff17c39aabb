"""Breaks: others.

Repeats whatever the database says no to.
"""

from sqlalchemy.exc import DBAPIError


async def once_more(sessions, work, attempts):
    for attempt in range(1, attempts + 1):
        try:
            async with sessions.begin() as session:
                return await work(session)
        except DBAPIError:
            if attempt == attempts:
                raise
