"""A course of its own in a temporary folder, opened by `course lab`, and a browser to look at it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode
from nbformat.reader import NotJSONError
from playwright.sync_api import Locator, Page, expect

from tests.harness import ROOT, clean_environment, read

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
SECONDS = 180
IDLE = re.compile(r"Python 3 \(ipykernel\) \| Idle")


def find_browser() -> str | None:
    """A Chromium of the machine, or one that playwright brought."""
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    kept = sorted(Path.home().glob(".cache/ms-playwright/chromium-*/chrome-linux*/chrome"))
    return str(kept[-1]) if kept else None


@dataclass
class Lab:
    """A running `course lab`: its address with the token, its clone and the environment it was started in."""

    url: str
    clone: Path
    environment: dict[str, str]

    def page_of(self, name: str) -> str:
        """The address of a file in the reader's copy."""
        start, _, token = self.url.partition("?")
        return f"{start}/tree/{name}?{token}"

    def saved(self, name: str) -> NotebookNode:
        """A notebook of the reader's copy as it lies on the disk; JupyterLab may be writing it."""
        deadline = time.monotonic() + 10
        while True:
            try:
                return read(self.clone / "work" / name)
            except NotJSONError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def course(self, *arguments: str) -> str:
        """What the command `course` prints."""
        run = subprocess.run(
            [sys.executable, "-m", "course_lib.cli", *arguments],
            cwd=self.clone,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        return run.stdout + run.stderr


def copy_clone(target: Path) -> Path:
    """What `course lab` needs of the clone: never the reader's own `work/`."""
    for name in ("course_lib", "notebooks", "exercises", "solutions", "docs"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "README.md", target)
    return target


@contextmanager
def open_lab(folder: Path) -> Iterator[Lab]:
    """Start `course lab` on a copy of the clone with its own progress; stop it as a reader would."""
    clone = copy_clone(folder / "clone")
    environment = clean_environment(COURSE_HOME=str(folder / "home"), PYTHONPATH=str(clone))
    for name in ("COURSE_PROGRESS", "COURSE_BACKEND", "IPYTHONDIR", "PYTHONASYNCIODEBUG"):
        environment.pop(name, None)
    log = folder / "lab.log"
    with log.open("w", encoding="utf-8") as output:
        server = subprocess.Popen(
            [sys.executable, "-u", "-m", "course_lib.cli", "lab", "--no-browser", "--port", "9300"],
            cwd=clone,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield Lab(_address(server, log), clone, environment)
    finally:
        server.send_signal(signal.SIGINT if os.name == "posix" else signal.SIGTERM)
        try:
            server.wait(60)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        # For root the private server's files lie outside of `folder`, and nothing else would remove them.
        where = "from course_lib.sandbox.account import server_home; print(server_home())"
        place = subprocess.check_output([sys.executable, "-c", where], cwd=clone, env=environment, text=True)
        shutil.rmtree(place.strip(), ignore_errors=True)


def _address(server: subprocess.Popen[bytes], log: Path) -> str:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        words = log.read_text(encoding="utf-8")
        if match := re.search(r"http://127\.0\.0\.1:\d+/lab\S*", words):
            return match.group()
        assert server.poll() is None, f"`course lab` ended:\n{words}"
        time.sleep(0.2)
    raise AssertionError(f"`course lab` printed no address:\n{log.read_text(encoding='utf-8')}")


def open_notebook(page: Page, lab: Lab, name: str) -> None:
    """Show a notebook and wait for its kernel."""
    page.goto(lab.page_of(name))
    # Lesson and exercises have the same file name, so the tab does not tell which is in front.
    title = lab.saved(name).cells[0].source.splitlines()[0].removeprefix("# ")
    heading = page.locator(".jp-NotebookPanel:visible h1").first
    expect(heading).to_have_text(re.compile(rf"^{re.escape(title)}\W*$"), timeout=SECONDS * 1000)
    heading.click()
    expect(page.locator("#jp-main-statusbar")).to_contain_text(IDLE, timeout=SECONDS * 1000)


def run_all(page: Page, lab: Lab, name: str) -> NotebookNode:
    """Run > Run All Cells, wait until the last cell has its number, and give the notebook as saved."""
    page.locator(".lm-MenuBar-itemLabel", has_text=re.compile(r"^Run$")).click()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile(r"^Run All Cells$")).click()
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        page.wait_for_timeout(1000)
        book = save(page, lab, name)
        waiting = [
            cell.source for cell in book.cells if cell.cell_type == "code" and not cell.execution_count
        ]
        if not waiting or errors(book):
            return book
    raise AssertionError(f"not run within {SECONDS} seconds:\n" + "\n\n".join(waiting))


def errors(book: NotebookNode) -> list[str]:
    """Errors in cells that do not promise one."""
    return [
        f"{output.ename}: {output.evalue}"
        for cell in book.cells
        if cell.cell_type == "code" and "raises-exception" not in cell.metadata.get("tags", [])
        for output in cell.outputs
        if output.output_type == "error"
    ]


def save(page: Page, lab: Lab, name: str) -> NotebookNode:
    """Save the notebook in front, and read it."""
    page.keyboard.press("Control+s")
    page.wait_for_timeout(700)
    return lab.saved(name)


def code_cell(page: Page, words: str) -> Locator:
    """The first code cell with these words in the notebook in front; other tabs hold cells too."""
    return page.locator(".jp-NotebookPanel:visible .jp-CodeCell", has_text=words).first


def replace_cell(page: Page, words: str, source: str) -> None:
    """Put `source` into the cell that holds `words`, run it and the check below it."""
    cell = code_cell(page, words)
    cell.scroll_into_view_if_needed()
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(source)
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
