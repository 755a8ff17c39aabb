"""A server of the reader's own: only what the course made is touched, and missing rights are named."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from course_lib.sandbox import BackendUnavailable, lease, open_sandbox, readiness, server
from course_lib.sandbox.cluster import SUPERUSER, Cluster
from tests.sandbox.helpers import ask, until

DATABASES = "SELECT datname FROM pg_database WHERE datname NOT LIKE 'template_' ORDER BY 1"
ROLES = "SELECT rolname FROM pg_roles WHERE rolname NOT LIKE 'pg\\_%' ORDER BY 1"


@dataclass
class Own:
    """A server with a database and a role that stand for the reader's."""

    admin: "asyncpg.Connection[asyncpg.Record]"
    port: int

    def url(self, role: str, password: str = "secret") -> str:
        return f"postgresql://{role}:{password}@127.0.0.1:{self.port}/theirs"

    async def names(self, query: str) -> list[str]:
        return [row[0] for row in await self.admin.fetch(query)]


@pytest.fixture
async def own(own_home) -> AsyncIterator[Own]:
    own_home()
    cluster = Cluster.find()
    port = cluster.start()
    admin = await asyncpg.connect(
        host="127.0.0.1",
        port=port,
        user=SUPERUSER,
        password=cluster.password(),
        database="postgres",
        ssl=False,
    )
    await admin.execute("CREATE ROLE teacher LOGIN CREATEDB CREATEROLE PASSWORD 'secret'")
    await admin.execute("CREATE ROLE guest LOGIN PASSWORD 'secret'")
    await admin.execute("CREATE ROLE boss LOGIN SUPERUSER PASSWORD 'secret'")
    await admin.execute("CREATE DATABASE theirs")
    yield Own(admin, port)
    await admin.close()


@pytest.mark.parametrize("role", ["teacher", "boss"])
async def test_it_serves_and_is_left_as_it_was(own: Own, monkeypatch: pytest.MonkeyPatch, role: str) -> None:
    databases, roles = await own.names(DATABASES), await own.names(ROLES)
    monkeypatch.setenv("COURSE_DATABASE_URL", own.url(role))
    assert readiness()["postgresql"].ready
    assert not server.status().private
    async with open_sandbox("postgresql", users=7) as db:
        assert await ask(db.url, "SELECT count(*) FROM users") == 7
        assert await ask(db.url, "SELECT current_user") == db.engine.url.database
        await ask(db.url, "DROP TABLE order_lines")
    added = set(await own.names(DATABASES)) - set(databases) | set(await own.names(ROLES)) - set(roles)
    assert added and all(name.startswith("course_") for name in added)

    async def swept() -> bool:  # by the keeper, with the same rights
        return db.engine.url.database not in await own.names(ROLES)

    assert await until(swept)
    again = await lease("postgresql", 7)
    assert await ask(again.url, "SELECT count(*) FROM order_lines") > 0
    assert not server.stop()
    server.reset()
    assert (await own.names(DATABASES), await own.names(ROLES)) == (databases, roles)


async def test_a_role_without_rights_is_told_which(own: Own, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_DATABASE_URL", own.url("guest"))
    with pytest.raises(
        BackendUnavailable, match=r"it has no CREATEDB and no CREATEROLE.*ALTER ROLE name CREATEDB"
    ):
        await lease("postgresql", 1)
    await own.admin.execute("ALTER ROLE guest CREATEDB")
    with pytest.raises(BackendUnavailable, match="it has no CREATEROLE"):
        await lease("postgresql", 1)
    assert not [name for name in await own.names(DATABASES) if name.startswith("course_")]


async def test_a_database_of_that_name_that_is_not_ours(own: Own, monkeypatch: pytest.MonkeyPatch) -> None:
    from course_lib.sandbox.endpoint import running_endpoint

    monkeypatch.setenv("COURSE_DATABASE_URL", own.url("teacher"))
    here = running_endpoint()
    assert here
    await own.admin.execute(f"CREATE DATABASE {here.admin}")
    with pytest.raises(BackendUnavailable, match="belongs to another role"):
        await lease("postgresql", 1)


async def test_a_wrong_password(own: Own, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_DATABASE_URL", own.url("teacher", "wrong"))
    with pytest.raises(BackendUnavailable, match="password in COURSE_DATABASE_URL is wrong") as caught:
        await lease("postgresql", 1)
    assert "wrong@" not in str(caught.value)


@pytest.mark.parametrize("url", ["mysql://a:b@c/d", "nonsense", "postgresql://u:p@127.0.0.1:port/d"])
async def test_a_url_that_cannot_be_read(own_home, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    own_home()
    monkeypatch.setenv("COURSE_DATABASE_URL", url)
    with pytest.raises(BackendUnavailable, match="COURSE_DATABASE_URL cannot be read"):
        await lease("postgresql", 1)
    monkeypatch.delenv("COURSE_DATABASE_URL")


async def test_a_server_that_does_not_answer(own_home, monkeypatch: pytest.MonkeyPatch) -> None:
    base: Path = own_home()
    monkeypatch.setenv("COURSE_DATABASE_URL", "postgresql://u:p@127.0.0.1:1/d")
    with pytest.raises(BackendUnavailable, match="Check that the server in COURSE_DATABASE_URL runs"):
        await lease("postgresql", 1)
    assert not (base / "server").exists()
    assert not readiness()["postgresql"].ready
    monkeypatch.delenv("COURSE_DATABASE_URL")
