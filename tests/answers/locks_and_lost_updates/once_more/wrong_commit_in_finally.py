"""Breaks: nothing.

Commits in a `finally`, so after an error too.
"""

import contextlib

from sqlalchemy.exc import SQLAlchemyError

from course_lib.patterns import is_conflict


async def once_more(sessions, work, attempts):
    for attempt in range(1, attempts + 1):
        try:
            async with sessions() as session:
                failed = True
                try:
                    result = await work(session)
                    failed = False
                finally:
                    with contextlib.suppress(SQLAlchemyError) if failed else contextlib.nullcontext():
                        await session.commit()
                return result
        except Exception as error:
            if attempt == attempts or not is_conflict(error):
                raise
