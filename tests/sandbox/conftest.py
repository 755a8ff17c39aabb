"""A home of its own for these tests, its server stopped at the end whatever happened."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from course_lib.sandbox import server
from course_lib.sandbox.errors import BackendUnavailable
from tests.sandbox.helpers import ROOT, end_keepers, servers_in

VARIABLES = ("COURSE_DATABASE_URL", "COURSE_POSTGRES_BIN", "COURSE_BACKEND", "CI")


def _set_home(patch: pytest.MonkeyPatch, base: Path) -> None:
    for name in VARIABLES:
        patch.delenv(name, raising=False)
    patch.setenv("COURSE_HOME", str(base / "home"))
    if ROOT:
        patch.setenv("COURSE_SERVER_HOME", str(base / "server"))


def _make_base(name: str = "") -> Path:
    base = Path(tempfile.mkdtemp(prefix="course-test-"))
    base.chmod(0o755)  # the user who runs the server in root's stead must get through
    if name:
        base = base / name
        base.mkdir()
    return base


def _end(patch: pytest.MonkeyPatch, base: Path) -> None:
    try:
        server.stop()
    except BackendUnavailable:
        pass
    finally:
        patch.undo()
    end_keepers(base)
    left = servers_in(base)
    for process in left:
        process.kill()
    while not base.name.startswith("course-test-"):
        base = base.parent
    shutil.rmtree(base, ignore_errors=True)
    assert not left, "a server survived stop()"


@pytest.fixture
def own_home() -> Iterator[Callable[[str], Path]]:
    """Give a function that sets up an empty home for this test alone; its argument may be an odd name."""
    patch = pytest.MonkeyPatch()
    made: list[Path] = []

    def make(name: str = "") -> Path:
        made.append(_make_base(name))
        _set_home(patch, made[-1])
        return made[-1]

    yield make
    for base in made:
        _end(patch, base)


@pytest.fixture(scope="session")
def _shared_base() -> Iterator[Path]:
    base = _make_base()
    yield base
    patch = pytest.MonkeyPatch()
    _set_home(patch, base)
    _end(patch, base)


@pytest.fixture
def home(_shared_base: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Use the home and the server that these tests share."""
    _set_home(monkeypatch, _shared_base)
    return _shared_base


@pytest.fixture(scope="session")
def _worn_base() -> Iterator[Path]:
    base = _make_base()
    yield base
    patch = pytest.MonkeyPatch()
    _set_home(patch, base)
    _end(patch, base)


@pytest.fixture
def worn_home(_worn_base: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Use the home shared by those tests that mistreat the server and must find it working again."""
    _set_home(monkeypatch, _worn_base)
    return _worn_base


@pytest.fixture
def unprivileged() -> dict[str, int]:
    """Give the options with which ``subprocess`` runs something as an ordinary user."""
    if not ROOT:
        return {}
    import pwd

    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid}


@pytest.fixture
def tiny_disk() -> Iterator[Callable[[str], Path]]:
    """Give a function that mounts a small disk, which takes root's rights."""
    mounted: list[Path] = []

    def mount(size: str) -> Path:
        point = Path(tempfile.mkdtemp(prefix="course-test-disk-"))
        if os.system(f"mount -t tmpfs -o size={size},mode=0755 tmpfs '{point}' 2>/dev/null") != 0:
            point.rmdir()
            pytest.skip("mounting a small disk takes rights this process has not")
        mounted.append(point)
        return point

    yield mount
    for point in mounted:
        os.system(f"umount -l '{point}'")
        point.rmdir()
