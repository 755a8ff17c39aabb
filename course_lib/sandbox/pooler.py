"""PgBouncer in transaction mode, between an engine and a sandbox's database, for the length of a block.

It listens on 127.0.0.1 only, on a free port, and asks for the database's own generated password. As root it
is run by the user who runs PostgreSQL: like PostgreSQL it refuses to run as root.

Documentation: https://www.pgbouncer.org/config.html
"""

import asyncio
import functools
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL, make_url

from course_lib.sandbox.account import Account, current_account
from course_lib.sandbox.boxes import Sandbox
from course_lib.sandbox.errors import BackendUnavailable, disk_full, means_disk_full

PLACES = ("/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/bin")
# The shell outlives neither the program nor us: our end closes its standard input, however we end.
KEEP = '"$@" & read -r _; kill -9 $! 2>/dev/null; wait'


@asynccontextmanager
async def pgbouncer(url: str, *, servers: int = 1, discard: bool = False) -> AsyncIterator[str]:
    """Run a PgBouncer before a PostgreSQL database while the block runs; give the URL that leads through it.

    ::

        async with pgbouncer(db.url, servers=2) as url:
            engine = make_engine(url, poolclass=NullPool)

    Its mode is ``transaction``: a client gets a connection to the server for a transaction, and the next
    transaction may get another one. It does not follow prepared statements (``max_prepared_statements`` is 0,
    also where a newer PgBouncer would). However the block is left, it is ended and its files are removed.

    Args:
        url: the URL of a PostgreSQL database, password included.
        servers: how many connections to the server it may hold.
        discard: have it clean a connection (DISCARD ALL) after each transaction, which is not its default.

    Raises:
        BackendUnavailable: PgBouncer is not installed, or did not start.
    """
    program, account = find_pgbouncer(), current_account()
    folder = Path(tempfile.mkdtemp(prefix="course-pgbouncer-"))
    process: subprocess.Popen[bytes] | None = None
    try:
        if account:
            os.chown(folder, account.uid, account.gid)
        target = make_url(url)
        for _ in range(5):  # another program may take the port between our look and its start
            port = _free_port()
            _write(folder, account, target, port, servers, discard, _version(program, account))
            process = _start(program, folder, account)
            if await _up(folder, process):
                break
            await asyncio.shield(asyncio.to_thread(_end, process))
        else:
            raise _not_started(folder)
        yield target.set(host="127.0.0.1", port=port, query={}).render_as_string(hide_password=False)
    finally:
        if process is not None:
            _end(process)
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def pgbouncer_or_say(
    box: Sandbox | None, *, servers: int = 1, discard: bool = False
) -> AsyncIterator[str | None]:
    """Run a PgBouncer before a sandbox like ``pgbouncer``; where it cannot be had, say so and give None.

    For the cells of a notebook, behind ``fresh_or_say("postgresql")``: without a sandbox it gives None and
    says nothing. Under continuous integration (``CI`` is set) a missing PgBouncer is an error.
    """
    if box is None:
        yield None
        return
    async with AsyncExitStack() as stack:
        try:
            url = await stack.enter_async_context(pgbouncer(box.url, servers=servers, discard=discard))
        except BackendUnavailable as error:
            if os.environ.get("CI", "").lower() not in ("", "0", "false"):
                raise
            print(error)
            url = ""
        yield url or None


def find_pgbouncer() -> str:
    """Give the program's path.

    Raises:
        BackendUnavailable: it is not installed.
    """
    found = shutil.which("pgbouncer") or shutil.which("pgbouncer", path=os.pathsep.join(PLACES))
    if found is None or os.name != "posix":
        raise BackendUnavailable(
            "PgBouncer is not installed on this machine. "
            "The cells that go through it cannot run; everything else can. "
            "Install it (on Debian and Ubuntu: apt install pgbouncer, on a Mac: brew install pgbouncer), "
            "or read on: their outputs are described."
        )
    return found


def pgbouncer_version() -> str:
    """Give the installed version, such as "1.24.1".

    Raises:
        BackendUnavailable: it is not installed, or does not run.
    """
    return _version(find_pgbouncer(), current_account())


@functools.lru_cache(maxsize=4)
def _version(program: str, account: Account | None) -> str:
    try:
        said = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=30, cwd="/", **_as(account)
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise _trouble(f"{type(error).__name__} when asked for its version") from error
    match = re.search(r"PgBouncer\D*([\d.]+)", said, re.IGNORECASE)
    if match is None:
        raise _trouble("it does not tell its version")
    return match.group(1)


def _write(
    folder: Path,
    account: Account | None,
    target: URL,
    port: int,
    servers: int,
    discard: bool,
    version: str,
) -> None:
    # Newer ones follow prepared statements by default; older ones do not know the setting.
    follows = tuple(map(int, version.split(".")[:2])) >= (1, 21)
    settings = f"""
[databases]
{target.database} = host={target.host} port={target.port or 5432} dbname={target.database}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder / "users.txt"}
pool_mode = transaction
default_pool_size = {servers}
max_client_conn = 100
server_reset_query_always = {int(discard)}
server_tls_sslmode = prefer
{"max_prepared_statements = 0" if follows else ""}
"""
    users = f'"{target.username}" "{target.password}"\n'
    for name, text in (("settings.ini", settings), ("users.txt", users), ("log", "")):
        file = folder / name
        try:
            file.touch(mode=0o600)
            file.write_text(text)
        except OSError as error:
            raise (disk_full() if means_disk_full(error) else _trouble(str(error.strerror))) from error
        if account:
            os.chown(file, account.uid, account.gid)


def _start(program: str, folder: Path, account: Account | None) -> "subprocess.Popen[bytes]":
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PG", "COURSE_"))
    }
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            ["/bin/sh", "-c", KEEP, "sh", program, str(folder / "settings.ini")],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=environment | {"LC_ALL": "C"},
            start_new_session=True,
            **_as(account),
        )


async def _up(folder: Path, process: "subprocess.Popen[bytes]") -> bool:
    """Wait until it listens and works; False once it gave up."""
    log = folder / "log"
    for _ in range(1500):
        said = log.read_text(errors="replace")
        if "process up" in said:
            return "listening on 127.0.0.1" in said
        if process.poll() is not None or "FATAL" in said or "exited" in said:
            return False
        await asyncio.sleep(0.01)
    return False


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End it at once, for nothing of it is to be kept, and its shell."""
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _not_started(folder: Path) -> BackendUnavailable:
    lines = [line for line in (folder / "log").read_text(errors="replace").splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL" in line or "ERROR" in line] or lines[-1:]
    return _trouble(
        telling[0].split("] ")[-1].replace(str(folder), "<its folder>") if telling else "it said nothing"
    )


def _trouble(reason: str) -> BackendUnavailable:
    return BackendUnavailable(
        f"PgBouncer did not start: {reason}. "
        "The cells that go through it cannot run; everything else can. "
        "Run: pgbouncer --version, and look whether another version can be installed."
    )


def _as(account: Account | None) -> dict[str, Any]:
    return account.options() if account else {}
