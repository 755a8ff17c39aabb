"""Breaks: attempts.

When no attempt is left, it gives None.
"""

from course_lib.patterns import is_conflict


async def once_more(sessions, work, attempts):
    for _ in range(attempts):
        try:
            async with sessions.begin() as session:
                return await work(session)
        except Exception as error:
            if not is_conflict(error):
                raise
