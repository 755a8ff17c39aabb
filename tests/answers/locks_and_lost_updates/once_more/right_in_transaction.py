"""What the course has for it."""

from course_lib.patterns import in_transaction


async def once_more(sessions, work, attempts):
    return await in_transaction(sessions, work, attempts=attempts)
