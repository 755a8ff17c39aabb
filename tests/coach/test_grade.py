"""The outcomes of a check, the common mistakes, both ways to run an answer, and what is given back."""

from __future__ import annotations

import asyncio
import gc
import json
from typing import Any

import psutil
import pytest
from sqlalchemy import text

from course_lib.coach import CannotJudge, grade, grade_file, mistakes, not_attempted
from course_lib.coach import process as process_module
from course_lib.paths import CourseError
from course_lib.sandbox import BackendUnavailable, open_sandbox
from tests.coach.answers import IMPORTS, MISTAKES, RIGHT, UNLIKE, VARIANTS, function
from tests.coach.sample import Double, Faulty, Names, Users

SQLITE = ("sqlite",)
# The package's name `grade` is the function; this is the module behind it.
grade_module = __import__("sys").modules["course_lib.coach.grade"]
runner_module = __import__("sys").modules["course_lib.coach.runner"]


@pytest.fixture
def leases(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every lease the coach takes, each with `released`."""
    taken: list[Any] = []
    lease = grade_module.lease

    async def noted(backend: Any, users: int) -> Any:
        got = await lease(backend, users)
        release = got.release
        got.released = 0

        async def noted_release() -> None:
            got.released += 1
            await release()

        got.release = noted_release
        taken.append(got)
        return got

    monkeypatch.setattr(grade_module, "lease", noted)
    return taken


@pytest.mark.parametrize("as_source", [False, True], ids=["function", "source"])
async def test_a_right_answer_passes_on_both_backends(leases: list[Any], as_source: bool) -> None:
    source = IMPORTS + RIGHT
    verdict = await grade(Names(), source if as_source else function(source))
    assert repr(verdict) == ("Passed: names on sqlite and postgresql.\n  You can now list names.")
    assert [each.released for each in leases] == [1, 1, 1, 1]
    json.dumps(verdict.to_dict())


@pytest.mark.parametrize(("key", "source"), [*MISTAKES.items(), *VARIANTS])
async def test_a_mistake_breaks_its_own_requirement(key: str, source: str) -> None:
    verdict = await grade(Names(), function(IMPORTS + source), SQLITE)
    assert (verdict.outcome, [each.requirement for each in verdict.broken]) == ("failed", [key]), verdict
    first = verdict.broken[0]
    assert first.text and first.saw and first.misconception and first.step


@pytest.mark.parametrize("source", UNLIKE.values(), ids=UNLIKE)
async def test_a_right_answer_unlike_ours_passes(source: str) -> None:
    verdict = await grade(Names(), function(IMPORTS + source), SQLITE)
    assert verdict.passed, verdict


async def test_every_requirement_that_broke_is_named() -> None:
    source = """
async def names(session):
    ids = list(await session.scalars(select(User.id).order_by(User.id.desc())))
    return [await session.scalar(select(User.name).where(User.id == each)) for each in ids]
"""
    verdict = await grade(Names(), function(IMPORTS + source))
    found = {(each.requirement, each.backend) for each in verdict.broken}
    assert found == {(key, on) for key in ("order", "budget") for on in ("sqlite", "postgresql")}
    assert repr(verdict).count("Also broken (on sqlite and postgresql)") == 1
    assert "statements" in verdict.broken[0].statements


async def test_an_error_is_shown_with_the_readers_line_and_what_it_means() -> None:
    source = """
async def names(session):
    user = await session.get(User, 1)
    return [order.id for order in user.orders] if user else []
"""
    verdict = await grade(Names(), IMPORTS + source, SQLITE, filename="mine.py")
    assert verdict.outcome == "raised" and not verdict.broken
    assert "MissingGreenlet" in verdict.message and "(7 users)" in verdict.message
    assert "of names: return [order.id for order in user.orders]" in verdict.message
    assert "What it means: A statement had to be sent" in verdict.message
    assert "0x" not in verdict.message


@pytest.mark.parametrize(
    ("source", "advice"),
    [
        ("await session.execute(text('SELECT * FROM nowhere'))", "no such table"),
        (
            "return (await session.scalars(select(User).options(joinedload(User.orders)))).all()",
            "Ask the result for `.unique()`",
        ),
        (
            "try:\n        session.add(User(id=None, name=None, email='a', country='DE'))\n        await "
            "session.flush()\n"
            "    except Exception: pass\n    await session.scalars(select(User))",
            "the session waits for a rollback",
        ),
        (
            "session.add(User(id=1, name='a', email='a', country='DE'))\n"
            "    session.add(User(id=2, name='a', email='a', country='DE'))\n    await session.flush()",
            "The database refused the row",
        ),
        (
            "async with asyncio.TaskGroup() as g: g.create_task(asyncio.wait_for(1 / 0, 1))",
            "ZeroDivisionError",
        ),
        ("await session.bind.run_sync(len)", "`run_sync` belongs to a connection"),
        ("User.metadata.create_all(session.bind)", "`run_sync` hands over"),
        (
            "async with session.bind.begin() as c: await c.run_sync(User.metadata.create_all())",
            "without parentheses",
        ),
        ("inspect(session.bind)", "An inspector works only inside the function given to `run_sync`"),
        (
            "async with session.bind.connect() as c: (await c.run_sync(inspect)).get_table_names()",
            "An inspector works only inside the function given to `run_sync`",
        ),
        ("await session.bind.begin()", "`async with engine.begin() as connection:`"),
        ("with session.bind.connect(): pass", "take `async with`"),
        ("async with session.bind: pass", "An engine is no block"),
        ("await session.bind.connect().close()", "alone borrows nothing"),
        ("make_engine(session.bind.url, timeout=1)", "Those of a pool are `pool_size`"),
        ("make_engine(session.bind.url, poolclass=QueuePool)", "would block the loop"),
        ("await (await session.connection()).execute('SELECT 1')", "A string is no statement yet"),
        ("async for each in await session.scalars(select(User)): pass", "a plain `for`"),
    ],
)
async def test_well_known_errors_are_explained(source: str, advice: str) -> None:
    verdict = await grade(Names(), function(f"{IMPORTS}async def names(session):\n    {source}\n"), SQLITE)
    assert verdict.outcome == "raised"
    assert advice in verdict.message


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            "return [each.country for each in await session.execute(select(User))]",
            "What it means: A Row, not an object: `scalars` takes the object out of it.\n"
            "Taught in: lesson 04, Sessions, step 2.",
        ),
        (
            "return [each.country for each in await session.execute(select(User.id, User.name))]",
            "here `id`, `name`.\nTaught in: lesson 04",
        ),
        (
            "return [each.name for each in await session.execute(select(User, User.id))]",
            "Take them apart: `a, b = row`.",
        ),
        ("return [each['name'] for each in await session.execute(select(User.name))]", "`row.name`"),
        (
            "return [each._mapping['country'] for each in await session.execute(select(User.name))]",
            "A Row holds what the query selected",
        ),
    ],
)
async def test_a_row_taken_for_an_object_is_explained(source: str, said: str) -> None:
    verdict = await grade(Names(), function(f"{IMPORTS}async def names(session):\n    {source}\n"), SQLITE)
    assert verdict.outcome == "raised"
    assert said in verdict.message, verdict


@pytest.mark.parametrize(
    "source",
    [
        "async def names(session):\n    return not_attempted",
        "def names(session):\n    return not_attempted",
        "names = not_attempted",
    ],
)
async def test_not_attempted(source: str) -> None:
    verdict = await grade(Names(), IMPORTS + source, SQLITE)
    assert verdict.outcome == "not attempted"
    assert "Write names in place of" in verdict.message
    assert (await grade(Names(), not_attempted)).outcome == "not attempted"
    assert f"{not_attempted:,}".startswith("not attempted yet"), "a cell below the starter may format it"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("other = 1", "It defines no function at all."),
        ("async def nmaes(session): ...\nclass Help: ...", "It defines `nmaes`, `Help`."),
    ],
)
async def test_a_source_without_the_function_is_told_what_it_has(source: str, said: str) -> None:
    verdict = await grade(Names(), IMPORTS + source, filename="mine.py")
    assert verdict.outcome == "not attempted" and not verdict.printed
    assert verdict.message == (
        f"mine.py defines no function `names`, so there is nothing to judge yet. {said} "
        "Write `names` as the exercise describes it, and grade the file again."
    )


async def test_the_sentinel_survives_the_fork() -> None:
    verdict = await grade(
        Names(), function(IMPORTS + "async def names(session): return not_attempted"), SQLITE
    )
    assert verdict.outcome == "not attempted"


async def test_a_source_that_cannot_be_read_is_an_error_with_its_line() -> None:
    verdict = await grade(Names(), "async def names(session)\n    return []", SQLITE)
    assert verdict.outcome == "raised" and "SyntaxError" in verdict.message


async def test_a_call_instead_of_a_function_is_told_so() -> None:
    async def names(session: object) -> list[str]:
        return []

    verdict = await grade(Names(), names(None))
    assert [each.requirement for each in verdict.broken] == ["common/called-already"]
    assert "check(names)" in verdict.broken[0].saw


async def test_statements_of_an_engine_of_the_answer_count() -> None:
    source = """
async def users(factory, url):
    engine = make_engine(url)
    async with make_session_factory(engine)() as session:
        users = list(await session.scalars(select(User).order_by(User.id)))
        for user in users:
            await user.awaitable_attrs.orders
    await engine.dispose()
    return users
"""
    verdict = await grade(Users(), function(IMPORTS + source, "users"))
    assert {each.requirement for each in verdict.broken} == {"budget"}, verdict
    assert verdict.broken[0].saw.startswith("8 statements")


async def test_reading_a_result_that_is_not_loaded_breaks_its_requirement() -> None:
    source = """
async def users(factory, url):
    async with factory() as session:
        return list(await session.scalars(select(User).order_by(User.id)))
"""
    verdict = await grade(Users(), function(IMPORTS + source, "users"), SQLITE)
    assert [each.requirement for each in verdict.broken] == ["readable"]
    assert "DetachedInstanceError" in verdict.broken[0].saw


async def test_an_exercise_without_a_database_runs_once_and_takes_a_plain_function() -> None:
    verdict = await grade(Double(), lambda number: 2 * number)
    assert repr(verdict) == "Passed: double."
    wrong = await grade(Double(), lambda number: number + 2)
    assert [each.saw for each in wrong.broken] == ["5 instead of 6 (the number 3)"]

    async def double(number: int) -> int:
        return 2 * number

    assert (await grade(Double(), double)).broken[0].requirement == "common/unneeded-async"


async def test_a_fault_of_the_check_is_not_put_on_the_reader(leases: list[Any]) -> None:
    with pytest.raises(CourseError, match=r"not your answer: .*no-such-key"):
        await grade(Faulty(), lambda: 1)


@pytest.mark.parametrize(
    "program",
    [
        "from course_lib.coach.runner import no_such_name",  # the course changed under a running notebook
        "import sys; print('half a module', file=sys.stderr); sys.exit(0)",
        "import os; os.kill(os.getpid(), 9)",
    ],
)
async def test_a_process_that_never_reaches_the_answer_is_not_put_on_the_reader(
    program: str, monkeypatch: pytest.MonkeyPatch, leases: list[Any]
) -> None:
    start = process_module.subprocess.Popen

    def other(command: list[str], **options: Any) -> Any:
        return start([*command[:2], program], **options)

    monkeypatch.setattr(process_module.subprocess, "Popen", other)
    with pytest.raises(CannotJudge, match="The fault is not in your answer") as told:
        await grade(Names(), IMPORTS + RIGHT, SQLITE)
    assert "before the answer's turn came" in str(told.value)
    assert "/" not in str(told.value) and "\n" not in str(told.value)
    assert {each.released for each in leases} == {1}


async def test_a_fork_whose_preparation_fails_is_not_put_on_the_reader(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail() -> None:
        raise ImportError("no hooks")

    monkeypatch.setattr(runner_module, "install_hooks", fail)
    with pytest.raises(CourseError, match="not your answer: ImportError: no hooks"):
        await grade(Names(), function(IMPORTS + RIGHT), SQLITE)


async def test_nothing_of_the_runner_shows_in_what_was_printed() -> None:
    verdict = await grade(Names(), IMPORTS + MISTAKES["order"])
    assert verdict.outcome == "failed" and verdict.printed == ""


WRITING = """
async def users(factory, url):
    for number in ({numbers}):
        async with factory() as session:
            session.add(User(name="x", email=f"{{number}}@example.org", country="DE"))
            await session.commit()
    return []
"""


async def test_a_verdict_on_writing_shows_the_transactions() -> None:
    verdict = await grade(Users(), function(IMPORTS + WRITING.format(numbers="1, 2"), "users"), SQLITE)
    lines = [line.split()[-1] for line in verdict.broken[0].statements.splitlines() if "INSERT" not in line]
    assert lines[1:] == ["BEGIN", "COMMIT", "BEGIN", "COMMIT"]
    verdict = await grade(Users(), function(IMPORTS + WRITING.format(numbers="*range(9),"), "users"), SQLITE)
    shown = verdict.broken[0].statements
    assert "9 x INSERT" in shown and "9 x COMMIT, 8 x BEGIN" in shown
    assert len(shown.splitlines()) < 8


async def test_a_verdict_on_reading_shows_no_transactions() -> None:
    verdict = await grade(Names(), function(IMPORTS + MISTAKES["order"]), SQLITE)
    shown = verdict.broken[0].statements
    assert "SELECT" in shown and "BEGIN" not in shown and "ROLLBACK" not in shown


@pytest.mark.parametrize("kind", ["engine", "session", "connection", "dispose"])
async def test_what_was_made_in_the_notebook_is_refused(kind: str) -> None:
    async with (
        open_sandbox("postgresql", users=7) as db,
        db.engine.connect() as connection,
        db.sessions() as session,
    ):
        await session.execute(text("SELECT 1"))
        await connection.execute(text("SELECT 1"))

        async def names(given: Any) -> list[str]:
            if kind == "engine":
                async with db.engine.connect() as another:
                    await another.execute(text("SELECT 2"))
            elif kind == "dispose":
                await db.engine.dispose()
            else:
                await (session if kind == "session" else connection).execute(text("SELECT 2"))
            return []

        verdict = await grade(Names(), names, SQLITE)
        assert verdict.outcome == "raised", verdict
        assert "was made in the notebook" in verdict.message
        # The notebook's own connections are as they were.
        assert await session.scalar(text("SELECT 3")) == 3
        assert (await connection.execute(text("SELECT 4"))).scalar() == 4


async def test_a_missing_backend_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    lease = grade_module.lease

    async def without_postgresql(backend: Any, users: int) -> Any:
        if backend == "postgresql":
            raise BackendUnavailable("There is no PostgreSQL. Install one.")
        return await lease(backend, users)

    monkeypatch.setattr(grade_module, "lease", without_postgresql)
    monkeypatch.delenv("CI", raising=False)
    verdict = await grade(Names(), function(IMPORTS + RIGHT))
    assert verdict.passed and verdict.backends == ("sqlite",)
    assert "Not judged on PostgreSQL. There is no PostgreSQL. Install one." in repr(verdict)
    with pytest.raises(CannotJudge, match="cannot be had here"):
        await grade(Names(), function(IMPORTS + RIGHT), ("postgresql",))
    monkeypatch.setenv("CI", "true")
    with pytest.raises(BackendUnavailable):
        await grade(Names(), function(IMPORTS + RIGHT))


async def test_cancelling_a_check_ends_its_process_and_gives_the_databases_back(leases: list[Any]) -> None:
    source = "async def names(session):\n    while True:\n        await asyncio.sleep(1)"
    begun: list[int] = []
    fork = process_module.os.fork

    def noted() -> int:
        pid = fork()
        begun.append(pid)
        return pid

    process_module.os.fork = noted
    try:
        task = asyncio.create_task(grade(Names(), function(IMPORTS + source)))
        await asyncio.sleep(2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    finally:
        process_module.os.fork = fork
    assert [each.released for each in leases] == [1, 1, 1, 1]
    for pid in begun:
        assert not psutil.pid_exists(pid)


async def test_the_notebooks_loop_goes_on_during_a_check() -> None:
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            beats += 1
            await asyncio.sleep(0.01)

    source = "import time\nasync def names(session):\n    time.sleep(0.5)\n    return []"
    task = asyncio.create_task(beat())
    await grade(Names(), function(source), SQLITE)
    task.cancel()
    assert beats > 20


async def test_grade_file(tmp_path: Any) -> None:
    path = tmp_path / "answer.py"
    path.write_text(
        "from course_lib.coach import not_attempted\nasync def order_days(session, user_id): return "
        "not_attempted"
    )
    verdict = await grade_file("lazy-loading/order-days", path, "sqlite")
    assert verdict.outcome == "not attempted"
    with pytest.raises(CourseError, match=r"answer in missing\.py cannot be read"):
        await grade_file("lazy-loading/order-days", tmp_path / "missing.py")
    with pytest.raises(CourseError, match="no exercise"):
        await grade_file("lazy-loading/nothing", path)


async def test_no_file_descriptor_is_left_open() -> None:
    answer = function(IMPORTS + RIGHT)
    process = psutil.Process()
    await grade(Names(), answer)
    gc.collect()
    before = process.num_fds() if psutil.POSIX else process.num_handles()
    for _ in range(3):
        await grade(Names(), answer)
    await asyncio.sleep(0.2)
    gc.collect()
    assert (process.num_fds() if psutil.POSIX else process.num_handles()) <= before


def test_annotations_of_a_source_are_its_own() -> None:
    """FastAPI reads those of endpoints inside functions, which it cannot find where they are text."""
    defined = runner_module.load_source("def answer(number: int): ...", "answer")
    assert defined.__annotations__ == {"number": int}


@pytest.mark.parametrize(
    ("coroutine", "said"),
    [
        ("AsyncSession.commit", "AsyncSession.commit was"),
        ("_Tell.__call__", "tell was"),
        ("Mine.__call__", "Mine.__call__ was"),
        ("greenlet_spawn", "an awaitable attribute was"),
    ],
)
def test_what_was_not_awaited_has_the_name_that_the_reader_knows(coroutine: str, said: str) -> None:
    mistake = mistakes.in_warnings((f"coroutine '{coroutine}' was never awaited",))
    assert mistake is not None and mistake.saw == f"{said} called and not awaited"
