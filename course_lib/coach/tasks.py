"""What several checks ask of tasks: which errors came out of a group, and what a cancellation does."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from course_lib.coach.lab import Call

NEVER_ENDED = "nothing: it did not stop"


def holds(error: BaseException | None, kind: type[BaseException]) -> bool:
    """Whether an error is of a kind, or a group that holds one."""
    if isinstance(error, BaseExceptionGroup):
        return any(holds(each, kind) for each in error.exceptions)
    return isinstance(error, kind)


def awaited(call: Call, *kinds: type[BaseException]) -> None:
    """Let an error of another kind than these go on; `lab.call` lets every group pass."""
    if call.error is not None and not any(holds(call.error, kind) for kind in kinds):
        raise call.error


async def cancelled(running: Awaitable[Any], begun: asyncio.Event, patience: float) -> str:
    """Cancel a call once its work has begun, and say what came of it: "cancelled", or what else.

    patience: seconds to wait for the beginning, and again for the end. No right answer meets it.
    """
    task = asyncio.ensure_future(running)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(patience):
            await begun.wait()
    task.cancel()
    await asyncio.wait([task], timeout=patience)
    if not task.done():
        return NEVER_ENDED
    if task.cancelled():
        return "cancelled"
    error = task.exception()
    return type(error).__name__ if error else f"{task.result()!r}, as if nothing had happened"
