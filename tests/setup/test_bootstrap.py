"""`bootstrap.py`: what it decides, what it says, and that pip's settings reach uv without being shown."""

import ast
import base64
import http.server
import importlib.util
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.setup.conftest import ROOT, clean_environment, run_on_disk


def load(clone: Path) -> ModuleType:
    """The clone's own bootstrap.py as a module."""
    spec = importlib.util.spec_from_file_location("course_bootstrap", clone / "bootstrap.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def bootstrap(clone: Path, env: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run it as make does."""
    command = [env["PYTHON"], "bootstrap.py", *arguments]
    return subprocess.run(
        command, cwd=clone, env=env, capture_output=True, text=True, timeout=300, check=False
    )


def test_python_3_6_can_read_it() -> None:
    source = (ROOT / "bootstrap.py").read_text()
    ast.parse(source, feature_version=(3, 6))
    allowed = set(sys.stdlib_module_names)
    imported = {
        name.name if isinstance(node, ast.Import) else str(node.module)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    assert {name.partition(".")[0] for name in imported} <= allowed


def test_an_old_python_gets_a_sentence(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = load(clone)
    monkeypatch.setattr(module.sys, "version_info", (3, 8, 10, "final", 0))
    monkeypatch.setenv("PATH", str(clone))
    with pytest.raises(module.Trouble, match=r"This is Python 3\.8\.10, and the course needs 3\.11 or newer"):
        module.require_python(["lab"])


def test_an_old_python_goes_on_in_a_newer_one(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = load(clone)
    stub, broken, good = clone / "bin", clone / "bin/python3.13", clone / "bin/python3.12"
    stub.mkdir()
    broken.write_text("#!/bin/sh\nexit 127\n")
    good.symlink_to(sys.executable)
    broken.chmod(0o755)
    monkeypatch.setattr(module.sys, "version_info", (3, 8, 10, "final", 0))
    monkeypatch.setenv("PATH", str(stub))
    taken: list[list[str]] = []
    monkeypatch.setattr(module, "hand_over", taken.append)
    with pytest.raises(module.Trouble):  # our stand-in for hand_over comes back, the real one does not
        module.require_python(["lab", "--no-browser"])
    assert taken == [[str(good), str(clone / "bootstrap.py"), "lab", "--no-browser"]]


def test_a_missing_venv_module_is_named(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = load(clone)
    monkeypatch.setitem(sys.modules, "ensurepip", None)  # as on Debian without python3-venv
    with pytest.raises(module.Trouble, match=rf"apt-get install python3\.{sys.version_info.minor}-venv"):
        module.require_venv_module()


def test_make_without_any_python(clone: Path) -> None:
    tools = clone / "tools"
    tools.mkdir()
    for name in ("make", "sh", "test"):
        found = shutil.which(name)
        assert found is not None
        (tools / name).symlink_to(found)
    answer = subprocess.run(
        ["make", "lab"], cwd=clone, env={"PATH": str(tools)}, capture_output=True, text=True, check=False
    )
    assert answer.returncode != 0
    assert "No Python was found. The course needs Python 3.11 or newer" in answer.stderr


def test_a_full_disk_is_noticed_at_once(clone: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    env = clean_environment(tmp_path)
    script = f'cp -r "{clone}"/[!.]* "{disk}/"; cd "{disk}"; "$PYTHON" bootstrap.py setup'
    answer = run_on_disk(disk, "size=60m", script, env)
    assert answer.returncode == 1
    assert "The disk that holds this folder is full" in answer.stderr
    assert "Free some space" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_disk_that_fills_up_on_the_way(clone: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    env = clean_environment(tmp_path)
    start = "import bootstrap, sys; bootstrap.NEEDED_MB = 0; sys.exit(bootstrap.main(['setup']))"
    files = "bootstrap.py pyproject.toml constraints.txt"
    script = f'cd "{clone}"; cp {files} "{disk}/"; cd "{disk}"; "$PYTHON" -B -c "{start}"'
    answer = run_on_disk(disk, "size=2m", script, env)
    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert "is full (no space left)" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_read_only_folder(clone: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    files = "bootstrap.py pyproject.toml constraints.txt"
    script = (
        f'cd "{clone}"; cp {files} "{disk}/"; mount -o remount,ro "{disk}"; '
        f'cd "{disk}"; "$PYTHON" -B bootstrap.py setup'
    )
    answer = run_on_disk(disk, "size=2m", script, clean_environment(tmp_path))
    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert "The course's folder cannot be written (Read-only file system)" in answer.stderr
    assert "Copy the folder to a place that belongs to you" in answer.stderr


def test_a_home_that_cannot_be_written_costs_only_the_cache(clone: Path, tmp_path: Path) -> None:
    module = load(clone)
    home = tmp_path / "a file, not a folder"
    home.touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        patch.delenv("XDG_CACHE_HOME", raising=False)
        patch.delenv("UV_CACHE_DIR", raising=False)
        assert module.tool_environment()["UV_NO_CACHE"] == "1"
        patch.setenv("HOME", str(tmp_path))
        assert "UV_NO_CACHE" not in module.tool_environment()


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("error: failed to write: No space left on device (os error 28)", "is full"),
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space", "is full"),
        ("error: failed to create file: Permission denied (os error 13)", "cannot be written"),
        ("error sending request for url: dns error", "index did not answer"),
        ("NewConnectionError: Failed to establish a new connection", "index did not answer"),
    ],
)
def test_what_tools_print_becomes_a_sentence(clone: Path, output: str, sentence: str) -> None:
    assert sentence in str(load(clone).from_text(output))


def test_pip_settings_reach_uv(clone: Path) -> None:
    module = load(clone)
    listing = "\n".join(
        [
            "global.index-url='https://reader:s3cret@packages.invalid/simple'",
            "global.extra-index-url='\\nhttps://one.invalid/simple\\nhttps://two.invalid/simple'",
            "install.index-url='https://reader:s3cret@better.invalid/simple'",
            "freeze.timeout='3'",
            ":env:.find-links='/a /b'",
            "global.cert='/etc/own.pem'",
            "nonsense",
        ]
    )
    env = module.for_uv(module.pip_settings(listing), {"HOME": "/home/reader"})
    assert env == {
        "HOME": "/home/reader",
        "UV_DEFAULT_INDEX": "https://reader:s3cret@better.invalid/simple",
        "UV_INDEX": "https://one.invalid/simple https://two.invalid/simple",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_FIND_LINKS": "/a,/b",
        "SSL_CERT_FILE": "/etc/own.pem",
    }
    own = module.for_uv(module.pip_settings(listing), {"UV_DEFAULT_INDEX": "https://mine.invalid"})
    assert own["UV_DEFAULT_INDEX"] == "https://mine.invalid" and "UV_INDEX" not in own


@pytest.fixture
def private_index() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """A package index on this machine that wants a password and has no packages; who asked it for what."""
    asked: list[tuple[str, str]] = []

    class Index(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            given = self.headers.get("Authorization", "").removeprefix("Basic ")
            name = base64.b64decode(given).decode() if given else ""
            asked.append((self.headers.get("User-Agent", "").partition("/")[0], name))
            self.send_response(404 if given else 401)
            if not given:
                self.send_header("WWW-Authenticate", 'Basic realm="packages"')
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Index)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://reader:s3cret-word@127.0.0.1:{server.server_port}/simple", asked
    server.shutdown()
    server.server_close()


def test_a_private_index_is_asked_and_never_shown(
    clone: Path, tmp_path: Path, private_index: tuple[str, list[tuple[str, str]]]
) -> None:
    address, asked = private_index
    uv = Path(sys.prefix) / "bin" / "uv"
    if not uv.exists():
        pytest.skip("this environment was not made by bootstrap.py")
    subprocess.run([clean_environment(tmp_path)["PYTHON"], "-m", "venv", clone / ".venv"], check=True)
    (clone / ".venv/bin/uv").symlink_to(uv)
    (clone / ".venv/.course-uv").write_text(load(clone).UV)
    env = clean_environment(tmp_path) | {
        "PIP_INDEX_URL": address,
        "PIP_CONFIG_FILE": os.devnull,
        "UV_NO_CACHE": "1",
    }
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL"):
        env.pop(name, None)
    answer = bootstrap(clone, env, "setup")
    assert answer.returncode == 1
    assert {("uv", "reader:s3cret-word"), ("pip", "reader:s3cret-word")} <= set(asked)
    printed = answer.stdout + answer.stderr
    assert "s3cret" not in printed and "127.0.0.1" not in printed
    assert "The course's packages could not be installed" in printed
    assert "Traceback" not in printed
