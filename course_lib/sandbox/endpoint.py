"""Where the databases are made: the private server, or the reader's own by ``COURSE_DATABASE_URL``."""

import asyncio
import hashlib
import os
import shutil
import time
from dataclasses import dataclass, field, replace
from typing import Any

import asyncpg
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from course_lib.sandbox.account import server_home
from course_lib.sandbox.cluster import SUPERUSER, Cluster
from course_lib.sandbox.errors import BackendUnavailable, disk_full, means_disk_full

TROUBLE = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncio.TimeoutError)


@dataclass(frozen=True)
class Endpoint:
    """A server and the role that makes databases on it.

    ``prefix`` begins the name of every database and role this role creates.
    """

    host: str
    port: int
    user: str
    password: str | None = field(repr=False)
    database: str
    private: bool
    prefix: str = "course_"
    ssl: Any = False  # as asyncpg takes it; None leaves the choice to the driver

    @property
    def admin(self) -> str:
        """The database in which the pool keeps its books."""
        return f"{self.prefix}admin"

    def url(self, database: str, role: str, password: str) -> str:
        """Give the SQLAlchemy URL of a database, password included."""
        query = {"ssl": str(self.ssl)} if self.ssl else {}
        url = URL.create("postgresql+asyncpg", role, password, self.host, self.port, database, query)
        return url.render_as_string(hide_password=False)


def is_private() -> bool:
    """Tell whether the private server is used, which is the case unless the reader names another."""
    return not os.environ.get("COURSE_DATABASE_URL")


def running_endpoint() -> Endpoint | None:
    """Give the server if it can be asked now; the private one is not started."""
    if not is_private():
        return _own(os.environ["COURSE_DATABASE_URL"])
    cluster = Cluster.find()
    port = cluster.port()
    return None if port is None else _private(cluster, port)


async def endpoint() -> Endpoint:
    """Give the server, starting the private one when it does not run.

    Raises:
        BackendUnavailable: there is no server and none can be started.
    """
    found = running_endpoint()
    if found is not None:
        return found
    cluster = Cluster.find()
    return _private(cluster, await asyncio.to_thread(cluster.start))


async def connect(server: Endpoint, database: str | None = None) -> "asyncpg.Connection[asyncpg.Record]":
    """Connect to a database as the role that makes databases.

    Raises:
        BackendUnavailable: the server does not answer, or refuses.
        asyncpg.InvalidCatalogNameError: there is no such database.
    """
    last = time.monotonic() + 60
    while True:
        try:
            return await asyncpg.connect(
                host=server.host,
                port=server.port,
                user=server.user,
                password=server.password,
                database=database or server.admin,
                ssl=server.ssl,
                timeout=20,
                server_settings={"application_name": "course", "search_path": "public"},
            )
        except asyncpg.InvalidCatalogNameError:
            raise
        except asyncpg.CannotConnectNowError as error:  # it starts up, or recovers after a kill
            if time.monotonic() > last:
                raise explain(error) from error
            await asyncio.sleep(0.1)
        except TROUBLE as error:
            raise explain(error) from error


def explain(error: BaseException) -> BackendUnavailable:
    """Turn a driver's error into a sentence for the reader."""
    if isinstance(error, BackendUnavailable):
        return error
    mine = is_private()
    # A server that cannot write its log of changes ends without a word about the disk.
    if means_disk_full(error) or (mine and shutil.disk_usage(server_home()).free < 20_000_000):
        return disk_full()
    if isinstance(error, asyncpg.TooManyConnectionsError):
        return BackendUnavailable(
            "PostgreSQL has no connection left. Engines that are still open hold all of them. "
            "Restart the kernels you no longer need, and run the cell again."
        )
    if isinstance(error, asyncpg.InvalidAuthorizationSpecificationError):
        return BackendUnavailable(
            "PostgreSQL refused the course's password. "
            + (
                "The private server and the note of its password no longer fit. Run: course db reset"
                if mine
                else "The user or the password in COURSE_DATABASE_URL is wrong. Correct it and try again."
            )
        )
    if isinstance(error, asyncpg.InsufficientPrivilegeError):
        return missing_rights(str(error))
    detail = str(error).strip() or type(error).__name__
    return BackendUnavailable(
        f"PostgreSQL did not do as asked: {detail}. "
        "So no practice database can be had from it now. "
        + (
            "Run the cell again; if that does not help, run: course db reset"
            if mine
            else "Check that the server in COURSE_DATABASE_URL runs and answers, or unset the variable."
        )
    )


def missing_rights(detail: str) -> BackendUnavailable:
    """Give the error for a server of the reader's on which the role may not do enough."""
    return BackendUnavailable(
        f"The role in COURSE_DATABASE_URL lacks a right: {detail}. "
        "The course makes small databases and roles of its own there (all named course_...) "
        "and touches nothing else; for that it needs to create both. "
        "As an administrator run: ALTER ROLE name CREATEDB CREATEROLE; "
        "or unset COURSE_DATABASE_URL to use the private server."
    )


def _private(cluster: Cluster, port: int) -> Endpoint:
    return Endpoint("127.0.0.1", port, SUPERUSER, cluster.password(), "postgres", True)


def _own(text: str) -> Endpoint:
    try:
        url = make_url(text)
        if url.get_backend_name() != "postgresql":
            raise ArgumentError("not a postgresql URL")
        port = url.port or 5432
    except (ArgumentError, ValueError) as error:
        raise BackendUnavailable(
            "COURSE_DATABASE_URL cannot be read. It names the PostgreSQL server to use. "
            "Write it as postgresql://user:password@host:5432/database, or unset it."
        ) from error
    query: dict[str, Any] = dict(url.query)
    user = url.username or os.environ.get("PGUSER") or "postgres"
    # Two readers may share a server: each keeps to names of its own.
    mark = hashlib.sha256(user.encode()).hexdigest()[:4]
    server = Endpoint(
        host=url.host or query.get("host") or "localhost",
        port=port,
        user=user,
        password=str(url.password) if url.password is not None else None,
        database=url.database or "postgres",
        private=False,
        prefix=f"course_{mark}_",
    )
    return replace(server, ssl=query.get("ssl") or query.get("sslmode"))
