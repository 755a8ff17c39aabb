"""Breaks: again.

Goes on in the transaction that was refused.
"""

from sqlalchemy.exc import DBAPIError


async def once_more(sessions, work, attempts):
    async with sessions() as session:
        for attempt in range(1, attempts + 1):
            try:
                result = await work(session)
                await session.commit()
                return result
            except DBAPIError as error:
                if attempt == attempts or error.orig.sqlstate not in ("40001", "40P01"):
                    raise
