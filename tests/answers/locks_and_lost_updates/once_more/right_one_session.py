"""One session for all attempts, rolled back in between."""

from sqlalchemy.exc import DBAPIError


async def once_more(sessions, work, attempts):
    async with sessions() as session:
        for left in reversed(range(attempts)):
            try:
                result = await work(session)
                await session.commit()
                return result
            except DBAPIError as error:
                await session.rollback()
                if not left or error.orig.sqlstate not in {"40001", "40P01"}:
                    raise
