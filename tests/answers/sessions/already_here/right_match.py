"""Takes the result as a plain list and searches it."""

from sqlalchemy import select

from course_lib.shop import User


async def users_for(session, ids):
    users = [item for item in session.sync_session.identity_map.values() if isinstance(item, User)]
    lacking = {*ids}.difference(user.id for user in users)
    if lacking:
        users += (await session.execute(select(User).filter(User.id.in_(lacking)))).scalars().all()
    return [next((user for user in users if user.id == number), None) for number in ids]
