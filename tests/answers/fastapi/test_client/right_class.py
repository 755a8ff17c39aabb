"""A class with `__aenter__` and `__aexit__`.
"""

from contextlib import AsyncExitStack

import httpx

from course_lib.patterns import rolled_back, web


class client_for:
    def __init__(self, app, engine):
        self.app, self.engine = app, engine

    async def __aenter__(self):
        async with AsyncExitStack() as stack:
            sessions = await stack.enter_async_context(rolled_back(self.engine))
            overrides = self.app.dependency_overrides
            stack.callback(overrides.update, dict(overrides))
            stack.callback(overrides.clear)
            overrides[web.get_sessions] = lambda: sessions
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            client = httpx.AsyncClient(transport=transport, base_url="http://shop")
            client = await stack.enter_async_context(client)
            self.stack = stack.pop_all()
            return client

    async def __aexit__(self, *error):
        return await self.stack.__aexit__(*error)
