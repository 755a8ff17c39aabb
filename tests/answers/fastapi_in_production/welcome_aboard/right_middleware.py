"""The transaction is a middleware's, which looks at the error itself."""

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError, IntegrityError

from course_lib.shop import User


def registration(sessions):
    app = FastAPI()

    @app.middleware("http")
    async def one_transaction(request: Request, call_next):
        try:
            async with sessions.begin() as session:
                request.state.session = session
                return await call_next(request)
        except IntegrityError:
            return JSONResponse({"detail": "taken"}, 409)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            return JSONResponse({"detail": "not now"}, 503, {"Retry-After": "1"})

    @app.post("/users", status_code=201)
    async def add_user(name: str, email: str, country: str, request: Request):
        user = User(name=name, email=email, country=country)
        request.state.session.add(user)
        await request.state.session.flush()
        return {"id": user.id}

    return app
