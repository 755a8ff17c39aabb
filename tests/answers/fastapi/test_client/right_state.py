"""Puts the factory where the application looks for it: into the state of each request.
"""

from contextlib import asynccontextmanager

import httpx

from course_lib.patterns import rolled_back


@asynccontextmanager
async def client_for(app, engine):
    async with rolled_back(engine) as sessions:
        own = dict(app.dependency_overrides)
        app.dependency_overrides = {}

        async def with_state(scope, receive, send):
            scope["state"] = {"sessions": sessions}
            await app(scope, receive, send)

        transport = httpx.ASGITransport(with_state, raise_app_exceptions=False)
        try:
            async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
                yield client
        finally:
            app.dependency_overrides = own
