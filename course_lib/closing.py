"""What `course lab` leaves behind: nothing of its own, and nothing of others touched."""

import asyncio
import contextlib
from pathlib import Path

from course_lib.paths import CourseError, data_home
from course_lib.sandbox import server


def _mark() -> Path:
    return data_home() / "server-started-by-lab"


def note_start() -> None:
    """Remember, also for after a kill, that `course lab` is about to start a server that does not run yet."""
    with contextlib.suppress(CourseError, OSError):
        if not server.status().running:
            _mark().touch()


def stop_if_ours() -> bool:
    """Stop the private server if a `course lab` started it and nobody else is connected.

    Other kernels (another editor's, a second `course lab`'s) keep it running; it is small when idle. Where a
    kernel comes back later, the sandbox starts the server again.

    Documentation: https://www.postgresql.org/docs/current/monitoring-stats.html
    """
    try:
        if not _mark().exists() or asyncio.run(_clients()):
            return False
        _mark().unlink(missing_ok=True)
        return server.stop()
    except (CourseError, OSError):
        return False


async def _clients() -> int:
    """How many connections are not the course's own book-keeping."""
    from course_lib.sandbox.endpoint import connect, running_endpoint

    found = running_endpoint()
    if found is None:
        return 0
    connection = await connect(found, found.database)
    try:
        return int(
            await connection.fetchval(
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE backend_type = 'client backend' AND application_name <> 'course'"
            )
        )
    finally:
        await connection.close(timeout=5)
