"""The synchronous way inside run_sync, where no await can be forgotten."""

from course_lib.shop import User


async def forget_visitor(sessions, user_id):
    def work(session):
        user = session.get(User, user_id)
        if user is None or user.orders:
            return False
        session.delete(user)
        session.commit()
        return True

    async with sessions() as session:
        return await session.run_sync(work)
