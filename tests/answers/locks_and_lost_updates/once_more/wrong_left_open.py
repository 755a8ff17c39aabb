"""Breaks: given-back.

Closes the session when all went well, and when it tries again.
"""

from course_lib.patterns import is_conflict

OPEN = []


async def once_more(sessions, work, attempts):
    for attempt in range(1, attempts + 1):
        session = sessions()
        OPEN.append(session)
        try:
            result = await work(session)
            await session.commit()
        except Exception as error:
            if attempt == attempts or not is_conflict(error):
                raise
            await session.close()
        else:
            await session.close()
            return result
