"""Who runs PostgreSQL and where its files lie: the reader, or, for root, a user without rights.

PostgreSQL refuses to run as root, and rightly so. In a container there often is no other account to
speak of, so the server is given to an existing one (``postgres`` or ``nobody``), together with a folder
of its own that it can reach.
"""

import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_lib.paths import APP_NAME, data_home
from course_lib.sandbox.errors import BackendUnavailable


@dataclass(frozen=True)
class Account:
    """A user of this machine who runs the server in root's stead."""

    name: str
    uid: int
    gid: int

    def options(self) -> dict[str, Any]:
        """Give what ``subprocess`` needs to start a program as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def reaches(self, folder: Path) -> bool:
        """Tell whether the user can enter a folder, every parent included."""
        try:
            return all(self._enters(each.stat()) for each in (folder, *folder.parents))
        except OSError:
            return False

    def _enters(self, info: os.stat_result) -> bool:
        if info.st_uid == self.uid:
            return bool(info.st_mode & stat.S_IXUSR)
        if info.st_gid == self.gid:
            return bool(info.st_mode & stat.S_IXGRP)
        return bool(info.st_mode & stat.S_IXOTH)


def current_account() -> Account | None:
    """Give the user to run the server as, or None when the process may run it itself.

    Raises:
        BackendUnavailable: the process is root's and no other account exists.
    """
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return None
    import pwd

    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise BackendUnavailable(
        "PostgreSQL does not run as root, and no user named postgres or nobody exists here. "
        "So the private server cannot be started. Run the course as an ordinary user, "
        "or create one of the two, or set COURSE_DATABASE_URL to a server of yours."
    )


def server_home() -> Path:
    """Give the folder for the private server: inside ``data_home()``, or for root in /var.

    ``COURSE_SERVER_HOME`` overrides it. The folder is open to the server's user alone.

    Raises:
        CourseError: there is no folder to write to.
    """
    account = current_account()
    chosen = os.environ.get("COURSE_SERVER_HOME")
    if account is None:
        folder = Path(chosen).expanduser().absolute() if chosen else data_home() / "postgresql"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise _no_place(error.strerror or "unknown") from error
        return folder
    if chosen:
        places = [Path(chosen).expanduser().absolute()]
    else:
        # One folder for each data folder, so that two of them never share a server.
        mark = hashlib.sha256(os.fsencode(data_home())).hexdigest()[:10]
        parents = ("/var/lib", "/var/tmp", tempfile.gettempdir())
        places = [Path(parent) / f"{APP_NAME}-{mark}" for parent in parents]
    for place in places:
        if _prepare(place, account):
            return place
    raise _no_place(f"none that the user {account.name} can reach")


def _prepare(folder: Path, account: Account) -> bool:
    if not account.reaches(folder.parent):
        return False
    try:
        if not folder.is_symlink() and not folder.exists():
            folder.mkdir(mode=0o700)
            os.chown(folder, account.uid, account.gid)
        info = folder.lstat()
        if stat.S_ISDIR(info.st_mode) and info.st_uid == 0 and not any(folder.iterdir()):
            os.chown(folder, account.uid, account.gid)  # made by us, interrupted before the chown
            info = folder.lstat()
    except OSError:
        return False
    # In a folder open to all, such as /var/tmp, somebody else may have been there first.
    return stat.S_ISDIR(info.st_mode) and info.st_uid == account.uid and os.access(folder, os.W_OK)


def _no_place(reason: str) -> BackendUnavailable:
    return BackendUnavailable(
        f"There is no folder for the private PostgreSQL ({reason}). "
        "Without it the server cannot keep its files. "
        "Set COURSE_SERVER_HOME to a folder that can be written to, and try again."
    )
