"""Breaks: given-back.

Reads the user again in a session that nobody closes.
"""

from sqlalchemy.exc import IntegrityError

from course_lib.shop import User

kept = []


async def change_email(factory, user_id, email):
    session = factory()
    kept.append(session)
    user = await session.get(User, user_id)
    if user is None:
        await session.close()
        return None
    user.email = email
    word = "has"
    try:
        await session.commit()
    except IntegrityError:
        await session.rollback()
        word = "keeps"
    except Exception:
        await session.close()
        raise
    await session.refresh(user)
    return f"{user.name} {word} {user.email}"
