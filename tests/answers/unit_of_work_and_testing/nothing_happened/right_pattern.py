"""The pattern from the lesson."""

from course_lib.patterns import rolled_back


async def isolated(engine, test):
    async with rolled_back(engine) as factory:
        await test(factory)
