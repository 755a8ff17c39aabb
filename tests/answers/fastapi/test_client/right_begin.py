"""The outer transaction by hand, rolled back by hand.
"""

from contextlib import asynccontextmanager

import httpx

from sqlalchemy.ext.asyncio import async_sessionmaker

from course_lib.patterns import web


@asynccontextmanager
async def client_for(app, engine):
    before = dict(app.dependency_overrides)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with engine.connect() as connection:
        outer = await connection.begin()
        sessions = async_sessionmaker(connection, join_transaction_mode="create_savepoint")
        app.dependency_overrides[web.get_sessions] = lambda: sessions
        try:
            async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
                yield client
        finally:
            app.dependency_overrides.clear()
            app.dependency_overrides.update(before)
            await outer.rollback()
