"""What several of these tests need: other processes, and a look behind the scenes."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import text
from sqlalchemy.engine import make_url

from course_lib.patterns import make_engine
from course_lib.sandbox.endpoint import endpoint
from course_lib.sandbox.pool import close, open_books

ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
REPOSITORY = Path(__file__).resolve().parent.parent.parent


def command(code: str, python: str = sys.executable) -> list[str]:
    """Give the command line that runs a piece of Python with this project in reach."""
    paths = [str(REPOSITORY), *(path for path in sys.path if path.endswith("site-packages"))]
    return [python, "-c", f"import sys; sys.path[1:1] = {paths!r}\n{code}"]


def run(code: str, python: str = sys.executable, **options: Any) -> "subprocess.CompletedProcess[str]":
    """Run a piece of Python to its end."""
    return subprocess.run(command(code, python), capture_output=True, text=True, timeout=180, **options)


def begin(code: str, **options: Any) -> "subprocess.Popen[str]":
    """Run a piece of Python beside the test."""
    return subprocess.Popen(command(code), stdout=subprocess.PIPE, text=True, **options)


def python_for_all() -> str | None:
    """Find a Python of our version that every user may run; root's own often lies in root's home."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for place in (sys.executable, f"/usr/bin/{name}", f"/usr/local/bin/{name}", shutil.which(name)):
        if place and Path(place).exists():
            real = Path(place).resolve()
            if not ROOT or all(parent.stat().st_mode & 0o001 for parent in real.parents):
                return str(place)
    return None


def servers_in(base: Path) -> list[psutil.Process]:
    """Give the postgres servers whose data lies under a folder."""
    found = []
    for process in psutil.process_iter():
        try:
            words = process.cmdline()
        except psutil.Error:
            continue
        if "-D" in words and Path(words[0]).name == "postgres" and f"{base}/" in words[words.index("-D") + 1]:
            found.append(process)
    return found


def end_keepers(base: Path) -> None:
    """End keepers at home under a folder that have not yet noticed that their server is gone."""
    for process in psutil.process_iter():
        try:
            if Path(process.cwd()).is_relative_to(base) and "keeper" in " ".join(process.cmdline()):
                process.kill()
                process.wait(10)
        except psutil.Error:
            continue


async def ask(url: str, statement: str) -> Any:
    """Run one statement through an engine of its own and commit; give the first value, if any."""
    engine = make_engine(url)
    try:
        async with engine.begin() as connection:
            result = await connection.execute(text(statement))
            return result.scalar() if result.returns_rows else None
    finally:
        await engine.dispose()


async def books(query: str, *values: Any) -> Any:
    """Ask the pool's books for one value."""
    connection = await open_books(await endpoint())
    try:
        return await connection.fetchval(query, *values)
    finally:
        await close(connection)


async def state_of(url: str) -> str | None:
    """Give the state of a private database in the books; None once it is gone."""
    found = await books("SELECT state FROM private WHERE name = $1", make_url(url).database)
    return None if found is None else str(found)


async def until(holds: Callable[[], Awaitable[bool]], patience: float = 60) -> bool:
    """Wait until something holds; False when it does not within the patience, in seconds."""
    for _ in range(int(patience / 0.05)):
        if await holds():
            return True
        await asyncio.sleep(0.05)
    return False
