"""Breaks: deadlock.

Knows one of the two codes.
"""

from sqlalchemy.exc import DBAPIError


async def once_more(sessions, work, attempts):
    for attempt in range(1, attempts + 1):
        try:
            async with sessions.begin() as session:
                return await work(session)
        except DBAPIError as error:
            if attempt == attempts or error.orig.sqlstate != "40001":
                raise
