"""What the reader meets in a notebook: check, hint, solution, predictions, quiz, progress."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from course_lib.coach import desk, progress, worked
from course_lib.coach.desk import ExerciseSet, LessonDesk
from course_lib.paths import CourseError
from tests.coach.answers import IMPORTS, MISTAKES, RIGHT, function
from tests.coach.sample import LESSON

SOLUTION = '''async def names(session):
    """All names."""
    ### BEGIN SOLUTION
    return list(await session.scalars(select(User.name)))
    ### END SOLUTION
'''


@pytest.fixture
def ex(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ExerciseSet:
    """The exercises of the sample lesson, no progress so far, in a clone that has their solutions."""
    monkeypatch.setattr(progress, "_store", progress._Store())
    (tmp_path / "solutions").mkdir()
    book = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("names = 1"), nbformat.v4.new_code_cell(SOLUTION)]
    )
    nbformat.write(book, tmp_path / "solutions" / "98_sample.ipynb")
    monkeypatch.setattr(worked, "course_root", lambda: tmp_path)
    return ExerciseSet(LESSON)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> LessonDesk:
    """The desk of the sample lesson."""
    from course_lib.coach import widgets

    monkeypatch.setattr(progress, "_store", progress._Store())
    monkeypatch.setattr(widgets, "_NOTED", {})
    return LessonDesk(LESSON)


async def test_a_check_shows_the_verdict_and_gives_nothing(
    ex: ExerciseSet, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await ex.names.check(function(IMPORTS + RIGHT)) is None  # type: ignore[func-returns-value]
    assert capsys.readouterr().out == (
        "Passed: names on sqlite and postgresql.\n  You can now list names.\n  Next: users.\n"
    )
    await ex.names.check(function(IMPORTS + MISTAKES["order"]), "sqlite")
    shown = capsys.readouterr().out
    assert shown.startswith("Not yet: names on sqlite.\n  Asked: The names come by id.\n")
    assert "Stuck? ex.names.hint() gives a nudge." in shown
    assert [each.result for each in progress.events("sample/names")] == ["passed", "failed"]


async def test_the_solution_comes_after_an_attempt(
    ex: ExerciseSet, capsys: pytest.CaptureFixture[str]
) -> None:
    ex.names.solution()
    assert "It comes after an attempt" in capsys.readouterr().out
    await ex.names.check(function(IMPORTS + "async def names(session): return not_attempted"), "sqlite")
    capsys.readouterr()
    ex.names.solution()
    assert "It comes after an attempt" in capsys.readouterr().out
    await ex.names.check(function(IMPORTS + MISTAKES["order"]), "sqlite")
    capsys.readouterr()
    ex.names.solution()
    shown = capsys.readouterr().out
    assert "return list(await session.scalars(select(User.name)))" in shown
    assert "All names." not in shown  # the contract: the reader has it in the starter
    assert (
        "SOLUTION" not in shown
        and "One column, one order." in shown
        and "async def names(session): ..." in shown
    )


def test_a_docstring_that_belongs_to_the_solution_stays() -> None:
    part = 'def f():\n    ### BEGIN SOLUTION\n    """Mine."""\n    return 1\n    ### END SOLUTION\n'
    assert worked._without_contract(part, "f") == part
    both = 'class F:\n    """A contract\n    of two lines."""\n\n    x = 1\n'
    both += 'def g():\n    """Help."""\n    return 2\n'
    assert worked._without_contract(both, "F").splitlines()[:3] == ["class F:", "", "    x = 1"]
    assert '"""Help."""' in worked._without_contract(both, "F")


def test_code_is_shown_highlighted_and_scrolls() -> None:
    shown = desk.Note("Solution of `f`", "Use `scalars`.", "async def f(): ...", "See `f`.")._repr_html_()
    assert '<span class="cl-k">async</span>' in shown and "white-space:pre;" in shown
    assert "Use <code>scalars</code>." in shown and "See <code>f</code>." in shown


async def test_a_forgotten_await_is_said_and_warns_of_nothing(
    ex: ExerciseSet, recwarn: pytest.WarningsRecorder
) -> None:
    check = ex.names.check(function(IMPORTS + RIGHT), "sqlite")
    assert repr(check) == (
        "Not checked yet: names.\n"
        "A check is asynchronous: without an `await` nothing of it runs. Write `await` in front:\n"
        "    await ex.names.check(names)"
    )
    assert "cl-warn" in check._repr_html_()
    assert progress.events() == []
    await check
    assert [each.result for each in progress.events()] == ["passed"]
    ex.names.check(function(IMPORTS + RIGHT))
    gc.collect()
    assert not [each for each in recwarn if "never awaited" in str(each.message)]


def test_hints_come_one_at_a_time_until_a_reset(ex: ExerciseSet, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(4):
        ex.names.hint()
    shown = capsys.readouterr().out
    assert shown.index("Think.") < shown.index("Select.") < shown.index("order_by")
    assert shown.count("Hint 3 of 3") == 2 and "That was the last hint" in shown
    ex.names.reset()
    capsys.readouterr()
    ex.names.hint()
    assert capsys.readouterr().out == "Hint 1 of 3 for names\nThink.\n"


def test_a_wrong_name_is_answered_with_the_right_ones(ex: ExerciseSet, at: LessonDesk) -> None:
    with pytest.raises(AttributeError, match="it has: names, users"):
        ex.nmaes  # noqa: B018
    with pytest.raises(CourseError, match="It has: where"):
        at.predict("when")
    with pytest.raises(CourseError, match="no lesson '09-lazy'"):
        desk.exercises("09-lazy")


def test_a_prediction_is_noted_and_gives_nothing_away(at: LessonDesk) -> None:
    asked = at.predict("where")
    assert repr(asked) == "Your prediction: Where does it run?\n  ( ) In the kernel\n  ( ) In a process"
    assert asked._repr_mimebundle_()["text/plain"] == repr(asked)
    asked._buttons[0].click()
    assert "Noted. Run the next cell and compare." in asked._replies[0].value
    assert "hang" not in asked._replies[0].value
    (event,) = progress.events()
    assert (event.kind, event.subject, event.result, event.right) == (
        "prediction",
        "sample/where",
        "0",
        False,
    )


def test_a_prediction_survives_its_cell_being_run_again(at: LessonDesk) -> None:
    at.predict("where")._buttons[1].click()
    again = at.predict("where")
    assert "Noted." in again._replies[1].value and again._replies[0].value == ""
    assert len(progress.events("sample/where")) == 1


def test_a_quiz_replies_beside_the_choice(at: LessonDesk) -> None:
    quiz = at.quiz()
    assert repr(quiz) == "Quiz\n\n1. Where does it run?\n  ( ) In the kernel\n  ( ) In a process"
    ask = quiz.children[1]
    ask._buttons[0].click()
    assert "Not quite. There it could hang it." in ask._replies[0].value
    ask._buttons[1].click()
    assert ask._replies[0].value == "" and "Right. Its own." in ask._replies[1].value
    assert [each.right for each in progress.events("sample/where")] == [False, True]


def test_no_saved_state_holds_an_answer(at: LessonDesk) -> None:
    import ipywidgets

    for shown in (at.predict("where"), at.quiz(), at.recall()):
        state = json.dumps(ipywidgets.Widget.get_manager_state(widgets=_all(shown)))
        assert "In a process" in state
        assert (
            "hang it" not in state
            and "Its own" not in state
            and "right" not in state.lower().replace("copyright", "")
        )


def _all(widget: object) -> list[object]:
    return [widget, *(below for child in getattr(widget, "children", ()) for below in _all(child))]


async def test_the_bar_counts_core_exercises(at: LessonDesk) -> None:
    assert repr(at.progress()).startswith("Sample: 0 of 4 core exercises passed.\n  open  names: Names\n")
    progress.record("attempt", "sample", "sample/names", "passed", True)
    assert "1 of 4" in repr(at.progress()) and "done  names" in repr(at.progress())


def test_imports_stay_lean() -> None:
    script = "import sys; from course_lib.coach import exercises, lesson\nprint(*sorted(sys.modules))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not {"IPython", "ipywidgets", "pytest"} & set(run.stdout.split())


NOTEBOOK = [
    "from tests.coach.sample import LESSON\nfrom tests.coach.answers import *\n"
    "from course_lib.coach.desk import ExerciseSet, LessonDesk\n"
    "from course_lib.sandbox import fresh\nfrom sqlalchemy import text\n"
    "ex, desk = ExerciseSet(LESSON), LessonDesk(LESSON)",
    IMPORTS,
    (
        "db = await fresh('postgresql', users=7)\nasync with db.sessions() as s: print(await "
        "s.scalar(text('SELECT 1')))"
    ),
    RIGHT,
    "await ex.names.check(names)",
    "async def names(session):\n    users = list(await session.scalars(select(User)))\n"
    "    return [user.orders[0].id for user in users]",
    "await ex.names.check(names)",
    "async def names(session):\n    async with db.sessions() as mine:\n"
    "        return list(await mine.scalars(select(User.name)))",
    "await ex.names.check(names)",
    "async with db.sessions() as s: print(await s.scalar(text('SELECT 2')))",
    "desk.quiz()",
]


def test_in_a_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    root = Path(__file__).resolve().parents[2]
    monkeypatch.setenv("COURSE_PROGRESS", "off")
    monkeypatch.setenv("PYTHONPATH", str(root))
    monkeypatch.setenv("PYTHONWARNINGS", "error::RuntimeWarning")
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(each) for each in NOTEBOOK])
    NotebookClient(
        book, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(root)}}
    ).execute()
    outputs = [cell["outputs"] for cell in book.cells]
    assert [len(each) for each in outputs] == [0, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1], outputs
    passed, raised, refused, quiz = (outputs[number][0]["data"] for number in (4, 6, 8, 10))
    assert passed["text/plain"] == (
        "Passed: names on sqlite and postgresql.\n  You can now list names.\n  Next: users."
    )
    assert "MissingGreenlet" in raised["text/plain"]
    assert "line 3 of names: return [user.orders[0].id for user in users]" in raised["text/plain"]
    assert "was made in the notebook" in refused["text/plain"]
    assert outputs[9][0]["text"] == "2\n"
    assert quiz["text/plain"].startswith("Quiz\n\n1. Where")
