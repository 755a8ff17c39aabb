"""Never closes: commit and rollback give the connection back, too."""

from sqlalchemy import select

from course_lib.shop import User


async def rename(factory, email, name):
    session = factory()
    try:
        user = (await session.scalars(select(User).where(User.email == email))).one_or_none()
        if user is not None:
            user.name = name
        await session.commit()
    except BaseException:
        await session.rollback()
        raise
    return user is not None
