"""Private databases on SQLite."""

# ruff: noqa: ASYNC222, ASYNC240 - a test may block its loop

import asyncio
import os
import resource
import signal
import tempfile
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from course_lib.sandbox import BackendUnavailable, files, lease, open_sandbox
from tests.sandbox.helpers import ask, begin, run

HOLD = """
import asyncio, sys, time
from course_lib.sandbox import lease
print(asyncio.run(lease("sqlite", 1)).url, flush=True)
time.sleep(120)
"""


@pytest.mark.parametrize("users", [0, 1, 7, 100])
async def test_it_is_filled(home: Path, users: int) -> None:
    held = await lease("sqlite", users)
    assert await ask(held.url, "SELECT count(*) FROM users") == users
    await held.release()


async def test_each_is_private_and_gone_at_the_end(home: Path) -> None:
    async with open_sandbox("sqlite", users=1) as one, open_sandbox("sqlite", users=1) as other:
        await ask(one.url, "DELETE FROM order_lines")
        assert await ask(one.url, "SELECT count(*) FROM order_lines") == 0
        assert await ask(other.url, "SELECT count(*) FROM order_lines") > 0
        file = Path(one.engine.url.database or "")
        assert file.is_file()
    assert not file.exists()


async def test_foreign_keys_hold(home: Path) -> None:
    async with open_sandbox("sqlite", users=1) as db:
        with pytest.raises(IntegrityError):
            await ask(db.url, "INSERT INTO user_tags (user_id, tag_id) VALUES (99, 99)")


async def test_a_killed_process_leaves_nothing_for_long(home: Path) -> None:
    with begin(HOLD) as other:
        assert other.stdout
        folder = Path(other.stdout.readline().strip().split("///")[1]).parent
        assert folder.is_dir()
        other.send_signal(signal.SIGKILL)
    assert folder.is_dir()
    run("import asyncio; from course_lib.sandbox import lease; asyncio.run(lease('sqlite', 1))")
    assert not folder.exists()


async def test_a_process_that_ends_takes_its_files_along(home: Path) -> None:
    before = set(Path(tempfile.gettempdir()).glob(f"{files.PREFIX}-*"))
    done = run(
        "import asyncio; from course_lib.sandbox import lease; print(asyncio.run(lease('sqlite', 1)).url)"
    )
    folder = Path(done.stdout.strip().split("///")[1]).parent
    assert folder not in before and not folder.exists()


async def test_a_forked_child_does_not_end_the_lease(home: Path) -> None:
    held = await lease("sqlite", 1)
    child = os.fork()
    if child == 0:
        asyncio.set_event_loop(None)
        files._leave(held._pid, files._folders[held._pid])
        os._exit(0)
    os.waitpid(child, 0)
    assert await ask(held.url, "SELECT count(*) FROM users") == 1
    await held.release()


async def test_two_first_leases_at_once(own_home) -> None:
    own_home()
    code = (
        "import asyncio; from course_lib.sandbox import lease; print(asyncio.run(lease('sqlite', 100)).users)"
    )
    both = [begin(code) for _ in range(2)]
    assert [other.communicate()[0].strip() for other in both] == ["100", "100"]
    left = sorted(each.name for each in files.template_file(100).parent.iterdir())
    assert left == [files.template_file(100).name]


async def test_a_build_that_was_killed_is_cleared_away(own_home) -> None:
    own_home()
    target = files.template_file(1)
    target.parent.mkdir(parents=True)
    unfinished = target.with_name(f"{target.stem}.new-999999999-abc")
    unfinished.write_bytes(b"half")
    outdated = target.with_name("shop-0-1.db")
    outdated.write_bytes(b"old")
    held = await lease("sqlite", 1)
    assert [each.name for each in target.parent.iterdir()] == [target.name]
    await held.release()


async def test_an_odd_path(own_home) -> None:
    own_home("Zoë's Kurs ü 课")
    held = await lease("sqlite", 1)
    assert await ask(held.url, "SELECT count(*) FROM users") == 1
    await held.release()


async def test_no_room_for_a_copy_is_one_sentence(home: Path) -> None:
    await files.ensure_file(7)
    before = list(files._folder().iterdir())
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        with pytest.raises(BackendUnavailable, match=r"^The disk is full\. .*Free some space"):
            await lease("sqlite", 7)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(files._folder().iterdir()) == before


async def test_no_room_for_a_template_is_one_sentence(own_home, tiny_disk, monkeypatch) -> None:
    own_home()
    monkeypatch.setenv("COURSE_HOME", str(tiny_disk("100k")))
    with pytest.raises(BackendUnavailable, match=r"^The disk is full\. "):
        await lease("sqlite", 100)
    assert not list(files.template_file(100).parent.iterdir())
