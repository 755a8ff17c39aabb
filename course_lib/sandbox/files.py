"""Private databases on SQLite: one filled file per size is kept, a copy of it is handed out.

The copies lie in a folder of the process inside the system's temp folder. They go when they are closed,
when the process ends, or, after a kill, when the next process looks around.
"""

import asyncio
import atexit
import contextlib
import os
import secrets
import shutil
import tempfile
from pathlib import Path

from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from course_lib.paths import data_home
from course_lib.patterns import make_engine
from course_lib.sandbox.errors import BackendUnavailable, disk_full, means_disk_full
from course_lib.sandbox.owners import Owner
from course_lib.shop import DATA_VERSION, fill

PREFIX = "async-sqlalchemy-course"
_folders: dict[int, Path] = {}


def url_of(file: Path) -> str:
    """Give the SQLAlchemy URL of a file, whatever signs are in its path."""
    return URL.create("sqlite+aiosqlite", database=str(file)).render_as_string(hide_password=False)


def template_file(users: int) -> Path:
    """Say where the template with this many users lies, or will lie."""
    version = "".join(sign if sign.isalnum() else "-" for sign in str(DATA_VERSION))
    return data_home() / "templates" / f"shop-{version}-{users}.db"


async def ensure_file(users: int) -> Path:
    """Build a template file unless it is there. It appears whole or not at all.

    Raises:
        BackendUnavailable: it cannot be written.
    """
    target = template_file(users)
    if target.is_file():
        return target
    # Two processes may both build it; the second one replaces the first's by the same.
    unfinished = target.with_name(f"{target.stem}.new-{os.getpid()}-{secrets.token_hex(3)}")
    try:
        target.parent.mkdir(exist_ok=True)
        engine = make_engine(url_of(unfinished))
        try:
            await fill(engine, users)
        finally:
            await engine.dispose()
        unfinished.replace(target)
        _remove_others(target)
    except (OSError, SQLAlchemyError) as error:
        raise _explain(error) from error
    finally:
        _remove(unfinished)
    return target


async def copy_file(users: int) -> Path:
    """Give a private copy of a template.

    Raises:
        BackendUnavailable: it cannot be written.
    """
    try:
        copy = _folder() / f"shop-{secrets.token_hex(4)}.db"
        try:
            shutil.copyfile(await ensure_file(users), copy)
        except BaseException:
            _remove(copy)
            raise
    except OSError as error:
        raise _explain(error) from error
    return copy


def remove_copy(copy: Path) -> None:
    """Delete a private copy and what SQLite may have left beside it."""
    _remove(copy)


def remove_templates() -> None:
    """Delete all templates; they are built again when needed."""
    shutil.rmtree(data_home() / "templates", ignore_errors=True)


def _remove(file: Path) -> None:
    for name in (file.name, f"{file.name}-journal", f"{file.name}-wal", f"{file.name}-shm"):
        # Windows keeps a file that is still open; it goes with the folder.
        with contextlib.suppress(OSError):
            file.with_name(name).unlink(missing_ok=True)


def _remove_others(target: Path) -> None:
    """Delete the templates of earlier data versions and what killed builds left."""
    version = target.stem.rsplit("-", 1)[0]
    for file in target.parent.iterdir():
        stale = file.suffix == ".db" and file.stem.rsplit("-", 1)[0] != version
        pid = file.name.partition(".new-")[2].split("-")[0]
        if stale or (pid.isdecimal() and not _runs(int(pid))):
            _remove(file)


def _runs(pid: int) -> bool:
    import psutil

    return psutil.pid_exists(pid)


def _folder() -> Path:
    """Give this process's folder for copies; the first call clears up after processes that died."""
    me = Owner.me()
    folder = _folders.get(me.pid)
    if folder is None or not folder.is_dir():
        user = os.getuid() if hasattr(os, "getuid") else 0
        start = f"{PREFIX}-{user}-{me.host}-"
        _clear_up(start, user)
        folder = Path(tempfile.mkdtemp(prefix=f"{start}{me.pid}-{int(me.started)}-"))
        _folders[me.pid] = folder
        atexit.register(_leave, me.pid, folder)
    return folder


def _leave(pid: int, folder: Path) -> None:
    if os.getpid() == pid:  # a forked child leaves its parent's files alone
        shutil.rmtree(folder, ignore_errors=True)


def _clear_up(start: str, user: int) -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{start}*"):
        try:
            pid, started = folder.name.removeprefix(start).split("-")[:2]
            owner = Owner(Owner.me().host, int(pid), float(started))
            mine = not hasattr(os, "getuid") or folder.lstat().st_uid == user
        except (ValueError, OSError):
            continue
        if mine and not owner.alive():
            shutil.rmtree(folder, ignore_errors=True)


def _explain(error: Exception) -> BackendUnavailable:
    if means_disk_full(error):
        return disk_full()
    reason = getattr(error, "strerror", None) or str(getattr(error, "orig", None) or type(error).__name__)
    return BackendUnavailable(
        f"A practice database on SQLite cannot be written: {reason}. "
        "Without it nothing of the lesson can run. "
        "Set COURSE_HOME (and TMPDIR) to folders you can write to, and try again."
    )


async def prepare_files(sizes: tuple[int, ...]) -> None:
    """Build the templates of several sizes."""
    for users in sizes:
        await ensure_file(users)
        await asyncio.sleep(0)
