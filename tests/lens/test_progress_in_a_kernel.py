"""The Stop button and the interrupt button, as a kernel meets them, and what strict nbval compares."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import start_new_async_kernel

from tests.harness import code, nbval, notebook, write

PREPARE = """\
import asyncio
from sqlalchemy import Column, Integer, MetaData, Table, func, select
from course_lib.lens import progress, race
from course_lib.patterns import insert_rows, load
from course_lib.sandbox import fresh
db = await fresh("sqlite", users=7)
numbers = Table("numbers", MetaData(), Column("number", Integer, primary_key=True))
async with db.engine.begin() as connection:
    await connection.run_sync(numbers.metadata.create_all)
hurry = False

async def write(connection, chunk):
    await insert_rows(connection, numbers, chunk)
    print("written", flush=True)
    await asyncio.sleep(0 if hurry else 0.1)

async def stored():
    async with db.engine.connect() as connection:
        return await connection.scalar(select(func.count()).select_from(numbers))
"""
LOAD = """\
with progress("Loading", total=20_000) as bar:
    feed = ({"number": number} for number in range(20_000))
    size = 5_000 if hurry else 20
    await load(db.engine, feed, write, job="numbers", size=size, on_progress=bar)
    print("the load has ended")
print(bar.stopped, bar.done, await stored() == bar.done)
"""


class Kernel:
    """A kernel with what its cells showed: `shown` of the last cell, and ids of the buttons drawn."""

    def __init__(self, manager: Any, client: Any) -> None:
        self.manager, self.client = manager, client
        self.shown: list[str] = []
        self.buttons: list[str] = []
        self.written = asyncio.Event()

    def _seen(self, message: dict[str, Any]) -> None:
        content = message["content"]
        match message["msg_type"]:
            case "comm_open" if content["data"]["state"].get("_model_name") == "ButtonModel":
                self.buttons.append(content["comm_id"])
            case "stream":
                self.shown.append(content["text"])
                if "written" in content["text"]:
                    self.written.set()
            case "display_data" | "execute_result":
                self.shown.append(content["data"]["text/plain"])

    async def run(self, cell: str) -> dict[str, Any]:
        self.shown.clear()
        reply = await self.client.execute_interactive(cell, output_hook=self._seen, timeout=60)
        return dict(reply["content"])

    def click(self) -> None:
        """Press the newest button, as a front end does."""
        data = {"method": "custom", "content": {"event": "click"}}
        content = {"comm_id": self.buttons[-1], "data": data}
        self.client.shell_channel.send(self.client.session.msg("comm_msg", content))


@asynccontextmanager
async def kernel_with_a_table() -> AsyncIterator[Kernel]:
    manager, client = await start_new_async_kernel(kernel_name="python3")
    try:
        kernel = Kernel(manager, client)
        assert (await kernel.run(PREPARE))["status"] == "ok"
        yield kernel
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)


async def test_stop_and_go_on() -> None:
    async with kernel_with_a_table() as kernel:
        cell = asyncio.create_task(kernel.run(LOAD))
        await asyncio.wait_for(kernel.written.wait(), 60)
        kernel.click()
        assert (await cell)["status"] == "ok"
        assert kernel.shown[0] == "Loading: a bar that shows how far it is, with a Stop button"
        shown = "\n".join(kernel.shown)
        assert "Loading: stopped after " in shown and "Run the cell again to go on." in shown
        assert "the load has ended" not in shown and kernel.shown[-1].startswith("True ")
        assert kernel.shown[-1].endswith(" True\n")
        assert (await kernel.run("hurry = True"))["status"] == "ok"
        assert (await kernel.run(LOAD))["status"] == "ok"
        assert kernel.shown[-1] == "False 20000 True\n" and "from an earlier run" in "".join(kernel.shown)


COUNT = """\
import time
with progress("The race", total=400, unit="rounds") as bar:
    async for number in bar:
        print("written", flush=True)
        time.sleep(0.03)
print(bar.stopped, bar.done < 400)
"""


async def test_rounds_that_never_await_can_be_stopped_too() -> None:
    async with kernel_with_a_table() as kernel:
        cell = asyncio.create_task(kernel.run(COUNT))
        await asyncio.wait_for(kernel.written.wait(), 60)
        kernel.click()
        assert (await cell)["status"] == "ok"
        assert kernel.shown[-1] == "True True\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there answers get a fresh process")
async def test_an_answer_in_a_fork_draws_nothing() -> None:
    async with kernel_with_a_table() as kernel:
        cell = "import os, warnings\nwarnings.simplefilter('ignore')\n"
        # Python 3.12 and later warn of a fork beside threads.
        cell += "child = os.fork()\nif not child:\n    with progress('In a fork', 3) as bar:\n"
        cell += "        bar(3)\n    os._exit(7)\nprint(os.waitpid(child, 0)[1] >> 8)"
        assert (await kernel.run(cell))["status"] == "ok"
        assert kernel.shown == ["7\n"] and not kernel.buttons


@pytest.mark.skipif(sys.platform == "win32", reason="loops there have no signal handlers")
async def test_interrupt_and_go_on() -> None:
    async with kernel_with_a_table() as kernel:
        cell = asyncio.create_task(kernel.run(LOAD))
        await asyncio.wait_for(kernel.written.wait(), 60)
        await kernel.manager.interrupt_kernel()
        reply = await cell
        assert (reply["status"], reply["ename"]) == ("error", "CancelledError")
        assert "Loading: interrupted, last seen at " in "\n".join(kernel.shown)
        assert (await kernel.run("hurry = True"))["status"] == "ok"
        assert (await kernel.run(LOAD))["status"] == "ok"
        assert kernel.shown[-1] == "False 20000 True\n"


SHORT = """\
with progress("Working", total=3) as bar:
    for number in bar:
        pass"""
RACE = """\
runs = race()
for name in ("one", "two"):
    with runs.lane(name):
        sum(range(1000))
runs"""


def test_what_is_saved_is_the_same_at_every_run(tmp_path: Path) -> None:
    from course_lib.authoring import run  # needs what readers do not install

    first = notebook(
        code("from course_lib.lens import progress, race"), code(SHORT), *(code(RACE) for _ in range(3))
    )
    saved = run(first, tmp_path)
    assert saved.cells[1].outputs[1].data["text/plain"] == "Working: finished, 3 of 3 rows."
    other_name, other_frame = (saved.cells[place].outputs[0].data for place in (3, 4))
    other_name["text/plain"] = other_name["text/plain"].replace("two", "three")
    other_frame["text/html"] = other_frame["text/html"].replace("Time, compared", "Ratios, compared")
    write(saved, tmp_path / "run_again.ipynb")
    found = nbval(tmp_path)
    assert sorted(found["run_again.ipynb"]) == [3, 4], "names and frame are compared, the figures are not"
