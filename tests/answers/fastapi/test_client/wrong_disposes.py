"""Breaks: given-back.

Disposes of an engine that is not its own.
"""

from contextlib import asynccontextmanager

import httpx

from course_lib.patterns import rolled_back, web


@asynccontextmanager
async def client_for(app, engine):
    before = dict(app.dependency_overrides)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with rolled_back(engine) as sessions:
        app.dependency_overrides[web.get_sessions] = lambda: sessions
        try:
            async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
                yield client
        finally:
            app.dependency_overrides.clear()
            app.dependency_overrides.update(before)
    await engine.dispose()
