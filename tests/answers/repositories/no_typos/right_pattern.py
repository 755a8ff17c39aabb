"""The pattern from the lesson."""

from course_lib.patterns import Repository


async def update(session, item, **values):
    return await Repository(session, type(item)).update(item, **values)
