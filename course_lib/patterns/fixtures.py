"""Pytest fixtures to take home. The only pattern that needs pytest and pytest-asyncio; nothing imports it.

In your ``conftest.py``::

    pytest_plugins = ["course_lib.patterns.fixtures"]      # or a copy of this file, under your own name

    @pytest.fixture(scope="session")
    def metadata():
        return Base.metadata                               # the tables your tests need

and in a test ``async def test_it(session):`` for one session, or ``sessions`` for a factory. Nothing that a
test stores is there in the next one. Set ``TEST_DATABASE_URL`` to run against PostgreSQL; without it a
SQLite file is made for the run.
"""

import os
from collections.abc import AsyncIterator
from typing import Literal, cast

import pytest
import pytest_asyncio
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from course_lib.patterns.engine import make_engine
from course_lib.patterns.testing import rolled_back

Scope = Literal["session", "package", "module", "class", "function"]


def loop_scope(fixture_name: str, config: pytest.Config) -> Scope:
    """Tell how long one event loop serves the tests, and so how long an engine may live.

    An engine used under a second loop fails with "attached to a different loop". Set
    ``asyncio_default_test_loop_scope`` and ``asyncio_default_fixture_loop_scope`` to the same value:
    ``function`` (an engine per test, the default) or ``session`` (one engine, faster).

    Documentation: https://pytest-asyncio.readthedocs.io/en/stable/reference/configuration.html
    """
    tests = config.getini("asyncio_default_test_loop_scope")
    fixtures = config.getini("asyncio_default_fixture_loop_scope") or "function"
    if fixtures != tests and (fixtures, tests) != ("fixture-scope", "function"):
        raise pytest.UsageError(
            f"An event loop lasts a {tests} for tests and a {fixtures} for fixtures, and an engine serves "
            "one loop. Set asyncio_default_test_loop_scope and asyncio_default_fixture_loop_scope alike."
        )
    return cast(Scope, tests)


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The database for the tests: ``TEST_DATABASE_URL``, or a new SQLite file. Override it as you like."""
    return (
        os.environ.get("TEST_DATABASE_URL") or f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('db')}/test.db"
    )


@pytest.fixture(scope="session")
def metadata() -> MetaData:
    """The tables to create where they are missing. Override it.

    Raises:
        pytest.UsageError: it was not overridden.
    """
    raise pytest.UsageError(
        "The fixture `metadata` is not there, so no tables can be created. Write one in conftest.py, with "
        'scope="session", that returns Base.metadata.'
    )


@pytest_asyncio.fixture(scope=loop_scope)
async def engine(database_url: str, metadata: MetaData) -> AsyncIterator[AsyncEngine]:
    """One engine for each event loop, with the tables in place; disposed of before the loop ends."""
    engine = make_engine(database_url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
        yield engine
    finally:
        await engine.dispose()


@pytest_asyncio.fixture
async def sessions(engine: AsyncEngine) -> AsyncIterator[async_sessionmaker[AsyncSession]]:
    """A session factory for one test: what it commits is rolled back afterwards. See ``rolled_back``."""
    async with rolled_back(engine) as factory:
        yield factory


@pytest_asyncio.fixture
async def session(sessions: async_sessionmaker[AsyncSession]) -> AsyncIterator[AsyncSession]:
    """One session of ``sessions``."""
    async with sessions() as session:
        yield session
