"""One UPDATE, and the number of rows it matched."""

from sqlalchemy import update

from course_lib.shop import User


async def rename(factory, email, name):
    async with factory.begin() as session:
        result = await session.execute(update(User).where(User.email == email).values(name=name))
        return result.rowcount == 1
