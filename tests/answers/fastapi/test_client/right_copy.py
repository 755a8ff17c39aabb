"""Lends the application another dictionary of overrides.
"""

from contextlib import asynccontextmanager

import httpx

from course_lib.patterns import rolled_back, web


@asynccontextmanager
async def client_for(app, engine):
    before = app.dependency_overrides
    async with rolled_back(engine) as sessions:
        app.dependency_overrides = {**before, web.get_sessions: lambda: sessions}
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        try:
            async with httpx.AsyncClient(transport=transport, base_url="http://test.example") as client:
                yield client
        finally:
            app.dependency_overrides = before
