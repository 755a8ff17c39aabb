"""Breaks: attempts.

Counts the repetitions and forgets the first attempt.
"""

from course_lib.patterns import is_conflict


async def once_more(sessions, work, attempts):
    for attempt in range(attempts + 1):
        try:
            async with sessions.begin() as session:
                return await work(session)
        except Exception as error:
            if attempt == attempts or not is_conflict(error):
                raise
