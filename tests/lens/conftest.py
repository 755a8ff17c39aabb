"""A filled shop of seven users on each backend."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from course_lib.patterns import make_engine, make_session_factory
from course_lib.sandbox import open_sandbox
from course_lib.shop import fill

USERS = 7
Sessions = async_sessionmaker[AsyncSession]


@pytest.fixture(params=["sqlite", "postgresql"])
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    if request.param == "postgresql":
        async with open_sandbox("postgresql", users=USERS) as box:
            yield box.engine
        return
    engine = make_engine(f"sqlite+aiosqlite:///{tmp_path / 'shop.db'}")
    await fill(engine, USERS)
    yield engine
    await engine.dispose()


@pytest.fixture
def sessions(engine: AsyncEngine) -> Sessions:
    return make_session_factory(engine)
