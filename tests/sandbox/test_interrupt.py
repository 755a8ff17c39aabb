"""An interrupt reaches a cell that waits, at once: lesson 00 tells readers to use it."""

from __future__ import annotations

import asyncio
import sys

import pytest
from jupyter_client.manager import start_new_async_kernel


@pytest.mark.skipif(sys.platform == "win32", reason="loops there have no signal handlers")
async def test_a_waiting_cell_can_be_interrupted() -> None:
    manager, client = await start_new_async_kernel(kernel_name="python3")
    try:
        opened = await client.execute_interactive(
            "import asyncio\nfrom course_lib.sandbox import fresh\ndb = await fresh('sqlite', users=7)",
            output_hook=lambda message: None,
            timeout=60,
        )
        assert opened["content"]["status"] == "ok"
        waiting = asyncio.Event()

        def seen(message: dict[str, object]) -> None:
            if message["msg_type"] == "stream":
                waiting.set()

        cell = asyncio.create_task(
            client.execute_interactive(
                "print('waiting', flush=True)\nawait asyncio.Event().wait()", output_hook=seen, timeout=60
            )
        )
        await asyncio.wait_for(waiting.wait(), 60)
        await asyncio.sleep(0.5)  # until the loop has nothing left to do
        await manager.interrupt_kernel()
        reply = await cell
        assert reply["content"]["status"] == "error"
        assert reply["content"]["ename"] == "CancelledError"
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)
