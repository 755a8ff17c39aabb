"""All of it in the endpoint, with a session that is closed in `finally`."""

from fastapi import FastAPI, HTTPException
from sqlalchemy.exc import DBAPIError, IntegrityError

from course_lib.shop import User


def registration(sessions):
    app = FastAPI()

    @app.post("/users", status_code=201)
    async def add_user(name: str, email: str, country: str):
        session = sessions()
        try:
            user = User(name=name, email=email, country=country)
            session.add(user)
            await session.commit()
            return {"id": user.id}
        except IntegrityError:
            raise HTTPException(409, "This address is taken.") from None
        except DBAPIError as error:
            if error.connection_invalidated:
                raise HTTPException(503, "Not now.", headers={"Retry-After": "1"}) from None
            raise
        finally:
            await session.close()

    return app
