"""What no committed file may hold: a place on somebody's machine, a package index, a word from the list."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import nbformat
import pytest

from tests.harness import ROOT, need, read
from tests.notebooks.form import FORBIDDEN

MACHINE_PATH = re.compile(
    r"(?<![\w.~$}*-])/(?:home|root|work|Users|tmp|private|mnt)/+[\w.]|[A-Za-z]:\\+Users\\"
)
# Written in pieces, or this file would hold them.
HOSTS = re.compile(
    "|".join(rf"{name}\.org|{name}\.com" for name in ("py" + "pi", "python" + "hosted", "ana" + "conda"))
)
LOCK_FILES = ("uv.lock", "pylock.toml", "poetry.lock", "package-lock.json", "yarn.lock", "conda-lock.yml")
BINARY = {".gz", ".png", ".ico", ".jpg", ".gif", ".woff2"}
# Files whose subject is such a path, with the exact text each may hold.
ALLOWED_PATHS = {"tests/setup/test_bootstrap.py": ("/home/reader",)}
EXAMPLES = {"tests/test_hygiene.py", "tests/notebooks/test_form.py"}  # their tables are made of bad examples
LISTS_THE_WORDS = {"tests/notebooks/form.py", "tests/notebooks/test_form.py"}


@pytest.fixture(scope="module")
def committed() -> list[Path]:
    """Files that are in the repository, or would be with the next `git add`."""
    git = shutil.which("git")
    need(
        bool(git) and (ROOT / ".git").exists(), "hygiene of the committed files", "It needs git and a clone."
    )
    listing = subprocess.run(
        [str(git), "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [
        path for name in sorted(set(listing.stdout.split("\0"))) if name and (path := ROOT / name).is_file()
    ]


def contents(committed: list[Path]) -> dict[str, str]:
    return {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in committed
        if path.suffix not in BINARY
    }


def machine_paths(name: str, content: str) -> list[str]:
    """Lines of a text that hold an absolute path of some machine."""
    allowed = ALLOWED_PATHS.get(name, ())
    for words in allowed:
        content = content.replace(words, "")
    return [line.strip()[:120] for line in content.splitlines() if MACHINE_PATH.search(line)]


def test_no_machine_path(committed: list[Path]) -> None:
    found = {
        name: lines for name, text in contents(committed).items() if (lines := machine_paths(name, text))
    }
    assert {name: lines for name, lines in found.items() if name not in EXAMPLES} == {}


def test_no_package_index(committed: list[Path]) -> None:
    assert [name for name, text in contents(committed).items() if HOSTS.search(text)] == []


def test_no_lock_file(committed: list[Path]) -> None:
    assert [path.name for path in committed if path.name in LOCK_FILES] == []


def test_words(committed: list[Path]) -> None:
    """Prose for readers: code of the package with its docstrings, the texts, the notebooks, the answers."""
    found = {
        name: FORBIDDEN.findall(text)
        for name, text in contents(committed).items()
        if name.endswith((".py", ".md", ".ipynb", ".toml", ".yml", "Makefile"))
        and name not in LISTS_THE_WORDS
    }
    assert {name: words for name, words in found.items() if words} == {}


def test_notebooks_are_valid(committed: list[Path]) -> None:
    for path in committed:
        if path.suffix == ".ipynb":
            nbformat.validate(read(path))


@pytest.mark.parametrize(
    "line", ["'/home/me/x'", "see /wo" + "rk/main/a", r"C:\\Users\\me", "(/tmp/x)", "/Users/me"]
)
def test_a_machine_path_is_found(line: str) -> None:
    assert machine_paths("any.md", line)


@pytest.mark.parametrize(
    "line",
    ["work/exercises/x", "~/tmp/x", "https://host/home/x", "`work/`", "../work/notebooks/a", "/usr/lib"],
)
def test_other_paths_are_none(line: str) -> None:
    assert not machine_paths("any.md", line)
