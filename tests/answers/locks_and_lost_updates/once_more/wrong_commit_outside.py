"""Breaks: commit.

The commit stands outside of the `try`.
"""

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
            await session.commit()
            return result
