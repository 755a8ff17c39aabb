"""Lets the block roll back, and catches outside."""

from sqlalchemy.exc import IntegrityError

from course_lib.shop import User


async def change_email(factory, user_id, email):
    try:
        async with factory.begin() as session:
            user = await session.get(User, user_id)
            if user is None:
                return None
            kept = f"{user.name} keeps {user.email}"
            changed = f"{user.name} has {email}"
            user.email = email
    except IntegrityError:
        return kept
    return changed
