"""Breaks: result.

Takes an empty result for a failure.
"""

from course_lib.patterns import is_conflict


async def once_more(sessions, work, attempts):
    for attempt in range(1, attempts + 1):
        try:
            async with sessions.begin() as session:
                result = await work(session)
            if result:
                return result
        except Exception as error:
            if attempt == attempts or not is_conflict(error):
                raise
