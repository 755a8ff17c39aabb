"""The private PostgreSQL: made, started and stopped with initdb and pg_ctl, and nothing else.

Its data is disposable, so it gives up durability for speed. It listens on 127.0.0.1 only, on a free port,
with a generated password. Its superuser belongs to this room alone.

Documentation: https://www.postgresql.org/docs/current/app-pg-ctl.html
"""

import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from course_lib.paths import data_home
from course_lib.sandbox.account import current_account, server_home
from course_lib.sandbox.binaries import Binaries, find_binaries
from course_lib.sandbox.errors import BackendUnavailable, disk_full, means_disk_full
from course_lib.sandbox.postmaster import crew, owns_port, read_pid_file, serves

SUPERUSER = "course_superuser"
MAX_CONNECTIONS = 200
SETTINGS = f"""
# Written by the course. The data is disposable: it need not survive a crash of the machine (fsync),
# only one of the server (so synchronous_commit stays on, which costs little without fsync).
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = {MAX_CONNECTIONS}
shared_buffers = 32MB
min_wal_size = 32MB
max_wal_size = 128MB
fsync = off
full_page_writes = off
autovacuum = off
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_checkpoints = off
log_min_messages = log
"""


class Cluster:
    """One private server: the binaries that run it and the folder of its major version."""

    def __init__(self, binaries: Binaries, home: Path) -> None:
        self.binaries = binaries
        self.home = home
        self.folder = home / str(binaries.major)
        self.data = self.folder / "data"
        self.account = current_account()

    @classmethod
    def find(cls) -> "Cluster":
        """Give the server that belongs to ``data_home()``, running or not.

        Raises:
            BackendUnavailable: there are no binaries or no folder.
        """
        return cls(find_binaries(), server_home())

    def password(self) -> str:
        """Give the superuser's password."""
        return (self.folder / "password").read_text().strip()

    def port(self) -> int | None:
        """Give the port of the running server, or None: alive is a postgres here that owns its port."""
        claim = read_pid_file(self.data)
        if claim is None or not claim.port:
            return None
        alive = serves(claim.pid, self.data) and owns_port(claim.pid, claim.port)
        return claim.port if alive else None

    def start(self) -> int:
        """Start the server unless it runs, making it when there is none; give its port.

        Raises:
            BackendUnavailable: it cannot be made or started; the sentence says why.
        """
        port = self.port()
        if port is not None:
            return port
        try:
            with self._lock():
                port = self.port()  # another process may have been faster
                return port if port is not None else self._start_or_renew()
        except OSError as error:
            if means_disk_full(error):
                raise disk_full() from error
            raise self._gave_up(str(error.strerror)) from error

    def stop(self) -> bool:
        """Stop the server; False when none was running."""
        with self._lock():
            return self._stop()

    def remove(self) -> None:
        """Stop the server and delete its data."""
        with self._lock():
            self._stop()
            shutil.rmtree(self.folder, ignore_errors=True)
            with suppress(OSError):  # root's lies apart; there may be another version's data in it
                self.home.rmdir()

    def _stop(self) -> bool:
        claim = read_pid_file(self.data)
        if claim is None or not serves(claim.pid, self.data):
            return False
        command = ["stop", "-D", str(self.data), "-m", "fast", "-w", "-t", "60"]
        if self._run("pg_ctl", command) != 0:
            self._run("pg_ctl", [*command[:3], "-m", "immediate", "-w", "-t", "60"])
        return True

    def _start_or_renew(self) -> int:
        made_now = not self.data.is_dir()
        try:
            if made_now:
                self._make()
            return self._start()
        except _DoesNotStart as trouble:
            if made_now or self._somebody_serves():
                raise self._gave_up(str(trouble)) from trouble
        # With fsync off, a crash of the machine may spoil the data. It is disposable: begin anew.
        shutil.rmtree(self.folder, ignore_errors=True)
        try:
            self._make()
            return self._start()
        except _DoesNotStart as trouble:
            raise self._gave_up(str(trouble)) from trouble

    def _make(self) -> None:
        for leftover in self.home.glob(f"{self.binaries.major}.new-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        fresh = self.home / f"{self.binaries.major}.new-{os.getpid()}"
        try:
            if shutil.disk_usage(self.home).free < 100_000_000:
                raise disk_full()
            fresh.mkdir(mode=0o700)
            secret = fresh / "password"
            secret.touch(mode=0o600)
            secret.write_text(secrets.token_urlsafe(24))
            if self.account:
                os.chown(fresh, self.account.uid, self.account.gid)
                os.chown(secret, self.account.uid, self.account.gid)
            options = ["-D", str(fresh / "data"), "-U", SUPERUSER, f"--pwfile={secret}", "-E", "UTF8"]
            options += ["-A", "scram-sha-256", "--locale=C", "--no-sync", "--no-instructions"]
            if self.binaries.major >= 17:
                options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
            if self._run("initdb", options, fresh) != 0:
                raise _DoesNotStart(self._said("initdb", fresh))
            settings = SETTINGS + ("io_method = 'sync'\n" if self.binaries.major >= 18 else "")
            # High-entropy passwords gain nothing from thousands of rounds, and every connection pays them.
            settings += "scram_iterations = 1\n" if self.binaries.major >= 16 else ""
            with (fresh / "data" / "postgresql.conf").open("a") as config:
                config.write(settings)
            fresh.rename(self.folder)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)

    def _start(self) -> int:
        said = ""
        for _ in range(8):
            self._clear_the_way()
            port = self._choose_port(again="bind" not in said)
            log = self.folder / "server.log"
            log.unlink(missing_ok=True)
            command = ["start", "-D", str(self.data), "-w", "-t", "60", "-l", str(log), "-o", f"-p {port}"]
            started = self._run("pg_ctl", command) == 0
            if started and self.port() == port:
                (self.folder / "port").write_text(str(port))
                return port
            said = self._said("server", self.folder) or self._said("pg_ctl", self.folder)
            if "in use" not in said and "could not bind" not in said:
                break
            # Either the port was taken meanwhile, or children of a killed server are still leaving.
            time.sleep(0.5)
        raise _DoesNotStart(said)

    def _clear_the_way(self) -> None:
        """Remove a pid file that no server stands behind, once the children of a killed one have left."""
        file = self.data / "postmaster.pid"
        if not file.exists() or self._somebody_serves():
            return
        _, staying = psutil.wait_procs(crew(self.data), timeout=3)
        for process in staying:
            with suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(staying, timeout=5)
        file.unlink(missing_ok=True)

    def _somebody_serves(self) -> bool:
        claim = read_pid_file(self.data)
        return claim is not None and serves(claim.pid, self.data)

    def _choose_port(self, again: bool) -> int:
        # The last port first: then engines that were open before a restart find their server again.
        wanted = 0
        if again:
            try:
                wanted = int((self.folder / "port").read_text())
            except (OSError, ValueError):
                wanted = 0
        for port in dict.fromkeys((wanted, 0)):
            with socket.socket() as probe:
                if os.name == "posix":
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    continue
                return int(probe.getsockname()[1])
        raise self._gave_up("no free port on 127.0.0.1")

    def _run(self, program: str, options: list[str], folder: Path | None = None) -> int:
        """Run one of the programs, its output in a file: a pipe would be held open by the server."""
        folder = folder or self.folder
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        environment |= {"LC_ALL": "C", "LANG": "C"}
        environment.pop("COURSE_DATABASE_URL", None)
        with (folder / f"{program}.log").open("wb") as output:
            try:
                done = subprocess.run(
                    [self.binaries.program(program), *options],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    cwd=folder,
                    env=environment,
                    timeout=120,
                    **(self.account.options() if self.account else {}),
                )
            except (OSError, subprocess.SubprocessError) as error:
                output.write(str(error).encode(errors="replace"))
                return -1
        return done.returncode

    def _said(self, program: str, folder: Path) -> str:
        try:
            text = (folder / f"{program}.log").read_text(errors="replace").strip()
        except OSError:
            return ""
        if means_disk_full(text):
            raise disk_full()
        return text

    @contextmanager
    def _lock(self) -> Iterator[None]:
        lock = FileLock(data_home() / "postgresql.lock", timeout=180)
        try:
            with lock:
                yield
        except Timeout as error:
            raise self._gave_up("another process has been starting it for three minutes") from error

    def _gave_up(self, reason: str) -> BackendUnavailable:
        lines = [line for line in reason.splitlines() if line.strip()]
        telling = [line for line in lines if "FATAL" in line or "error" in line.lower()] or lines[-1:]
        cause = telling[0].strip() if telling else "it said nothing"
        for path, name in ((str(self.folder), "<server folder>"), (str(self.home), "<server folder>")):
            cause = cause.replace(path, name)
        return BackendUnavailable(
            f"The private PostgreSQL did not start: {cause}. "
            "The parts on PostgreSQL cannot run; everything on SQLite can. "
            "Run: course db reset (it makes the server anew), then course doctor."
        )


class _DoesNotStart(Exception):
    """What the programs said when they failed; full disks are told apart before."""
