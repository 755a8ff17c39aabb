"""The keeper: a process in the background that fills the pool, drops what was used, and mourns the dead.

It is a process of its own, not a thread of the kernel: the coach forks the kernel, and a thread in the
middle of its work would leave its locks behind in the child. One keeper runs per server and machine; an
advisory lock sees to it. It starts with the first lease and ends by itself.
"""

import asyncio
import json
import logging
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path

import asyncpg

from course_lib.paths import CourseError, data_home
from course_lib.sandbox.endpoint import TROUBLE, Endpoint, connect, is_private, running_endpoint
from course_lib.sandbox.errors import BackendUnavailable
from course_lib.sandbox.owners import Owner
from course_lib.sandbox.pool import (
    CHANNEL,
    KEEPER,
    MOST,
    Connection,
    alone,
    close,
    drop,
    fingerprint,
    make,
    open_books,
    sequence_values,
    set_state,
)

IDLE = 5  # ready databases per template in use, as many as one check takes: fewer, and another is made
ENOUGH = 7  # ready databases per template: so many, and a returned one is dropped
CALM = 0.25  # seconds between a call and the work: who called is computing now, on the same processors
GLANCE = 10.0  # seconds between looks for processes that died
log = logging.getLogger("course.keeper")
_called: dict[Endpoint, float] = {}
_children: list["subprocess.Popen[bytes]"] = []


def call_keeper(server: Endpoint) -> None:
    """Start the keeper in a session of its own; if one runs already, the new one leaves at once."""
    if time.monotonic() - _called.get(server, float("-inf")) < 3:
        return  # the one called a moment ago is still on its way
    _called[server] = time.monotonic()
    _children[:] = [child for child in _children if child.poll() is None]
    package = str(Path(__file__).resolve().parent.parent.parent)
    known = os.environ.get("PYTHONPATH")
    path = os.pathsep.join([package, known]) if known else package
    out = data_home() / "keeper.log"
    try:
        with out.open("ab" if out.exists() and out.stat().st_size < 200_000 else "wb") as output:
            child = subprocess.Popen(
                [sys.executable, "-c", "from course_lib.sandbox.keeper import main; main()"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=data_home(),
                env=os.environ | {"PYTHONPATH": path},
                start_new_session=True,
            )
            _children.append(child)
    except OSError:
        return  # without a keeper a lease makes its database itself, only slower


class Keeper:
    """One keeper at work, on one connection to the books."""

    def __init__(self, server: Endpoint, books: Connection) -> None:
        self.server = server
        self.books = books
        self.me = Owner.me()

    async def work(self, patience: float) -> None:
        """Tend the pool until nobody has leased anything for ``patience`` seconds."""
        woken = asyncio.Event()
        await self.adopt()
        await self.renew_fingerprints()
        await self.books.add_listener(CHANNEL, lambda *_: woken.set())
        self.books.add_termination_listener(lambda *_: woken.set())
        quiet_since = time.monotonic()
        while time.monotonic() - quiet_since < patience:
            woken.clear()
            await self.reclaim()
            while await self.one_thing():
                quiet_since = time.monotonic()
            if await self.books.fetchval("SELECT count(*) FROM private WHERE state = 'used'"):
                quiet_since = time.monotonic()
            try:
                await asyncio.wait_for(woken.wait(), min(GLANCE, patience / 4))
                quiet_since = time.monotonic()
                await asyncio.sleep(CALM)
            except TimeoutError:
                pass

    async def adopt(self) -> None:
        """Enter databases of ours that no row tells of: their makers were killed at a bad moment."""
        await self.books.execute(
            """
            INSERT INTO private (name, password, state)
            SELECT datname, '', 'dirty' FROM pg_database WHERE datname ~ $1
            ON CONFLICT DO NOTHING
            """,
            f"^{self.server.prefix}(shop|new)_[0-9a-f]{{8}}$",
        )

    async def renew_fingerprints(self) -> None:
        """After a restart of the server, take new fingerprints of what lay on the shelf, out of reach."""
        for row in await self.books.fetch("SELECT name, baseline FROM private WHERE state = 'ready'"):
            if row["baseline"]:
                new = json.dumps([await fingerprint(self.books, row["name"]), json.loads(row["baseline"])[1]])
                await self.books.execute(
                    "UPDATE private SET baseline = $2 WHERE name = $1 AND state = 'ready'", row["name"], new
                )

    async def reclaim(self) -> None:
        """Return what belonged to processes that are no more."""
        rows = await self.books.fetch(
            "SELECT name, state, host, pid, started, since < now() - interval '2 days' AS old "
            "FROM private WHERE state IN ('making', 'used', 'tending')"
        )
        for row in rows:
            owner = Owner(row["host"], row["pid"], row["started"])
            if owner == self.me:
                gone = row["state"] != "used"  # one's own work that an error cut short
            else:
                gone = not owner.alive() if owner.here else row["old"]
            if gone:
                await set_state(self.books, row["name"], "returned" if row["state"] == "used" else "dirty")

    async def one_thing(self) -> bool:
        """Do the most urgent piece of work; False when there is none."""
        return await self.refill() or await self.examine() or await self.sweep()

    async def refill(self) -> bool:
        """Make one database for a template in use that has too few."""
        row = await self.books.fetchrow(
            """
            SELECT t.name FROM template t LEFT JOIN private p
                ON p.template = t.name AND p.state IN ('ready', 'making', 'returned')
            WHERE t.last_used > now() - interval '30 minutes'
            GROUP BY t.name, t.last_used HAVING count(p.name) < $1
            ORDER BY count(p.name), t.last_used DESC LIMIT 1
            """,
            IDLE,
        )
        room = await self.books.fetchval("SELECT count(*) FROM private") < MOST // 2
        if row is None or not room:
            return False
        try:
            name, _ = await make(self.books, self.server, row["name"], self.me, recyclable=True)
        except (asyncpg.PostgresError, BackendUnavailable) as error:
            log.warning("no refill: %s", error)
            return False
        await set_state(self.books, name, "ready")
        return True

    async def examine(self) -> bool:
        """Look at one returned database: ready again if nothing was written to it, else dirty."""
        row = await self._take("returned")
        if row is None:
            return False
        name, password = row["name"], secrets.token_urlsafe(24)
        ready = await self.books.fetchval(
            "SELECT count(*) FROM private WHERE template = $1 AND state = 'ready'", row["template"]
        )
        clean = row["baseline"] and ready < ENOUGH and await self._untouched(name, password, row["baseline"])
        if clean:
            await self.books.execute("UPDATE private SET password = $2 WHERE name = $1", name, password)
        await set_state(self.books, name, "ready" if clean else "dirty")
        return True

    async def _untouched(self, name: str, password: str, baseline: str) -> bool:
        # A new password first: an engine that its last reader left open must not come back.
        await self.books.execute(f"ALTER ROLE {name} PASSWORD '{password}'")
        await self.books.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name
        )
        if not await alone(self.books, name):
            return False
        written, sequences = json.loads(baseline)
        if await fingerprint(self.books, name) != written:
            return False
        inside = await connect(self.server, name)
        try:
            same = await sequence_values(inside) == sequences
        finally:
            await close(inside)
        return same and await alone(self.books, name)

    async def sweep(self) -> bool:
        """Drop one dirty database, or one template (with its databases) unused for a week."""
        row = await self._take("dirty")
        if row is not None:
            try:
                await drop(self.books, row["name"])
            except asyncpg.PostgresError as error:
                log.warning("%s stays for now: %s", row["name"], error)
                await set_state(self.books, row["name"], "dirty")  # the last in line again
                return False
            return True
        if await self._thin_out():
            return True
        old = await self.books.fetchval(
            "SELECT name FROM template WHERE last_used < now() - interval '7 days' LIMIT 1"
        )
        if old is None:
            return False
        await self.books.execute("DELETE FROM template WHERE name = $1", old)
        await self.books.execute(
            "UPDATE private SET state = 'dirty' WHERE template = $1 AND state = 'ready'", old
        )
        await self.books.execute(f"DROP DATABASE IF EXISTS {old} WITH (FORCE)")
        return True

    async def _thin_out(self) -> bool:
        # Room for templates in use: those that were in use an hour ago need none ready.
        crowded = await self.books.fetchval("SELECT count(*) FROM private") >= MOST // 2
        return (
            crowded
            and await self.books.execute(
                """
            UPDATE private SET state = 'dirty' WHERE state = 'ready' AND name = (
                SELECT p.name FROM private p JOIN template t ON t.name = p.template
                WHERE p.state = 'ready' AND t.last_used < now() - interval '30 minutes'
                ORDER BY t.last_used LIMIT 1 FOR UPDATE OF p SKIP LOCKED)
            """
            )
            == "UPDATE 1"
        )

    async def _take(self, state: str) -> "asyncpg.Record | None":
        return await self.books.fetchrow(
            """
            UPDATE private SET state = 'tending', host = $2, pid = $3, started = $4, since = now()
            WHERE name = (SELECT name FROM private WHERE state = $1
                ORDER BY since LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING name, template, baseline
            """,
            *(state, self.me.host, self.me.pid, self.me.started),
        )


async def keep(patience: float) -> bool:
    """Be the keeper of the running server until it is no longer used; False when another one is."""
    server = running_endpoint()
    if server is None:
        return False
    books = await open_books(server)
    try:
        mine = "SELECT pg_try_advisory_lock($1, hashtext($2))"
        if not await books.fetchval(mine, KEEPER, Owner.me().host):
            return False
        in_use = True
        while in_use:
            await Keeper(server, books).work(patience)
            in_use = server.private and await books.fetchval(
                "SELECT EXISTS (SELECT FROM private WHERE state = 'used') OR EXISTS ("
                "SELECT FROM pg_stat_activity "
                "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid())"
            )
        return True
    finally:
        await close(books)


def _home_is_there() -> bool:
    # It is our working directory. One that was deleted meanwhile must not rise again for our sake.
    try:
        Path.cwd()
    except FileNotFoundError:
        return False
    return True


def main() -> None:
    """Keep the pool; afterwards, when nobody is connected any more, stop the private server."""
    from course_lib.sandbox.cluster import Cluster

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    # Seconds without a lease after which the keeper, and with it the private server, leaves.
    if not _home_is_there():
        return
    patience = float(os.environ.get("COURSE_KEEPER_PATIENCE", "3600"))
    try:
        if asyncio.run(keep(patience)) and is_private():
            Cluster.find().stop()
    except (*TROUBLE, CourseError) as error:
        # The server was stopped or killed, most likely. The next lease calls another keeper.
        log.warning("the keeper leaves: %s: %s", type(error).__name__, error)
