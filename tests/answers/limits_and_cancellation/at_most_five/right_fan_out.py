"""The pattern of the course; it commits what was only read, and nobody minds."""

from course_lib.patterns import fan_out


async def run_all(sessions, items, work, limit):
    return await fan_out(sessions, items, work, limit=limit)
