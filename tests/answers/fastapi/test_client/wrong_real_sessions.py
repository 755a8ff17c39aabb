"""Breaks: no-trace.

A real factory: what is committed stays.
"""

from contextlib import asynccontextmanager

import httpx

from course_lib.patterns import make_session_factory, web


@asynccontextmanager
async def client_for(app, engine):
    before = dict(app.dependency_overrides)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    sessions = make_session_factory(engine)
    app.dependency_overrides[web.get_sessions] = lambda: sessions
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
            yield client
    finally:
        app.dependency_overrides.clear()
        app.dependency_overrides.update(before)
