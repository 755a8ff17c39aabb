"""Breaks: again.

Goes back to a savepoint: the transaction and what it sees stay the same.
"""

from course_lib.patterns import is_conflict


async def once_more(sessions, work, attempts):
    async with sessions.begin() as session:
        for attempt in range(1, attempts + 1):
            try:
                async with session.begin_nested():
                    return await work(session)
            except Exception as error:
                if attempt == attempts or not is_conflict(error):
                    raise
