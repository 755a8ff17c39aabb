"""Breaks: given-back.

The session is closed on the way out that went well, and on no other.
"""

from fastapi import FastAPI, HTTPException
from sqlalchemy.exc import DBAPIError, IntegrityError

from course_lib.shop import User


def registration(sessions):
    app = FastAPI()
    kept = []

    @app.post("/users", status_code=201)
    async def add_user(name: str, email: str, country: str):
        session = sessions()
        kept.append(session)  # as a registry does
        try:
            user = User(name=name, email=email, country=country)
            session.add(user)
            await session.commit()
            answer = {"id": user.id}
            await session.close()
            kept.remove(session)
            return answer
        except IntegrityError:
            raise HTTPException(409, "This address is taken.") from None
        except DBAPIError as error:
            if error.connection_invalidated:
                raise HTTPException(503, "Not now.", headers={"Retry-After": "1"}) from None
            raise

    return app
