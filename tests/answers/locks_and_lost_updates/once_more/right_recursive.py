"""Calls itself with one attempt less."""

from course_lib.patterns import is_conflict


async def once_more(sessions, work, attempts):
    try:
        async with sessions() as session, session.begin():
            return await work(session)
    except Exception as error:
        if attempts <= 1 or not is_conflict(error):
            raise
    return await once_more(sessions, work, attempts - 1)
