"""What works on this machine, and for what does not, what to do."""

import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course_lib.paths import CourseError, course_root, data_home

if TYPE_CHECKING:
    from course_lib.sandbox import Backend, Readiness

PACKAGE = "async-sqlalchemy-course"


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it works, what was found, and what to do if it does not."""

    name: str
    ok: bool
    found: str
    remedy: str = ""
    version: str = ""


def examine(backends: "Mapping[Backend, Readiness] | None" = None) -> list[Finding]:
    """Look at Python, the packages, both backends and the folders; a few seconds when PostgreSQL must start.

    `backends` is what is already known about them; without it they are tried.
    """
    return [*_python(), *_packages(), *_backends(backends), *_pgbouncer(), *_folders()]


def as_dict(findings: list[Finding]) -> dict[str, Any]:
    """The findings for a script: `ready`, `checks` and, by name, `backends`."""
    backends = {
        finding.name.lower(): {"ready": finding.ok, "version": finding.version, "remedy": finding.remedy}
        for finding in findings
        if finding.name in ("SQLite", "PostgreSQL")
    }
    checks = [asdict(finding) for finding in findings]
    return {"ready": all(finding.ok for finding in findings), "checks": checks, "backends": backends}


def _python() -> Iterator[Finding]:
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    new_enough = sys.version_info >= (3, 11)
    yield Finding(
        "Python", new_enough, found, "" if new_enough else "Install Python 3.11 or newer, then: make lab"
    )


def _packages() -> Iterator[Finding]:
    from importlib.metadata import PackageNotFoundError, requires, version

    from packaging.requirements import Requirement

    try:
        wanted = [Requirement(text) for text in requires(PACKAGE) or []]
    except PackageNotFoundError:
        yield Finding(
            "Packages", False, "the course is not installed", "In the course's folder, run: make lab"
        )
        return
    unfit, fit = [], {}
    for requirement in wanted:
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            fit[requirement.name] = version(requirement.name)
        except PackageNotFoundError:
            unfit.append(f"{requirement.name} is missing")
            continue
        if not requirement.specifier.contains(fit[requirement.name], prereleases=True):
            unfit.append(f"{requirement.name} is {fit[requirement.name]}, not {requirement.specifier}")
    if unfit:
        yield Finding("Packages", False, "; ".join(unfit), "In the course's folder, run: make lab")
    else:
        shown = ", ".join(
            f"{name} {fit[name]}" for name in ("sqlalchemy", "jupyterlab", "aiosqlite", "asyncpg")
        )
        yield Finding("Packages", True, shown)


def _backends(known: "Mapping[Backend, Readiness] | None") -> Iterator[Finding]:
    if known is None:
        from course_lib.sandbox import readiness

        known = readiness()
    for backend, state in known.items():
        name = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[backend]
        if state.ready:
            found = f"{state.version} ({state.detail})" if state.detail else state.version
            yield Finding(name, True, found, version=state.version)
        else:
            yield Finding(name, False, state.detail, state.remedy)


def _pgbouncer() -> Iterator[Finding]:
    from course_lib.sandbox import BackendUnavailable, pgbouncer_version

    try:
        found = pgbouncer_version()
    except BackendUnavailable:
        found = "not installed; three cells of lesson 19 would use it, and all else works without"
    yield Finding("PgBouncer", True, found)  # never a fault: nobody needs it for the rest


def _folders() -> Iterator[Finding]:
    yield _folder("Progress and databases", data_home, "Set COURSE_HOME to a folder that you can write.")
    yield _folder("Your copy, work/", _work, "Copy the course to a folder that belongs to you.")


def _work() -> Path:
    work = course_root() / "work"
    return work if work.is_dir() else course_root()


def _folder(name: str, locate: Callable[[], Path], remedy: str) -> Finding:
    try:
        folder = locate()
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"x" * 65536)
            probe.flush()
    except CourseError as problem:
        return Finding(name, False, "not usable", str(problem))
    except OSError as problem:
        return Finding(name, False, problem.strerror or str(problem), remedy)
    free = shutil.disk_usage(folder).free // 2**20
    enough = free >= 100
    found = f"writable, {free // 1024} GB free" if free >= 1024 else f"writable, {free} MB free"
    return Finding(
        name, enough, found, "" if enough else "Free some space on this disk: the databases need 100 MB."
    )
