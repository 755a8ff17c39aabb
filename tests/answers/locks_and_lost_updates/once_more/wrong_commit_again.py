"""Breaks: commit.

After a refused commit it commits once more.
"""

from sqlalchemy.exc import DBAPIError

from course_lib.patterns import is_conflict


async def once_more(sessions, work, attempts):
    for attempt in range(1, attempts + 1):
        async with sessions() as session:
            try:
                result = await work(session)
            except Exception as error:
                if attempt == attempts or not is_conflict(error):
                    raise
                continue
            try:
                await session.commit()
            except DBAPIError:
                await session.rollback()
                await session.commit()
            return result
