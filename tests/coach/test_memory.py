"""What is asked again: missed questions that have rested, and three to begin with."""

from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from course_lib import cli
from course_lib.coach import all_lessons, find_lesson, lesson, memory, progress

LAZY = "lazy-loading"


@pytest.fixture(autouse=True)
def in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_PROGRESS", "off")
    monkeypatch.setattr(progress, "_store", progress._Store())


def tomorrow() -> datetime:
    return datetime.now(UTC) + timedelta(days=1, minutes=1)


def answer(subject: str, right: bool, kind: progress.Kind = "quiz") -> None:
    progress.record(kind, subject.partition("/")[0], subject, "0", right)


def quiz(lesson_id: str) -> list[str]:
    found = find_lesson(lesson_id)
    assert found is not None
    return [f"{lesson_id}/{question.id}" for question in found.quiz]


def test_a_missed_question_rests_for_a_day_and_is_asked_until_it_is_right() -> None:
    first, second, third = quiz(LAZY)
    answer(first, False)
    answer(second, True)
    answer(third, False)
    answer(third, True)
    assert memory.due() == []
    assert [each.subject for each in memory.due(tomorrow())] == [first]
    (asked,) = memory.due(tomorrow())
    right = [choice.right for choice in asked.question.mixed()].index(True)
    assert not memory.note(asked, 1 - right if right < 2 else 0)
    assert [each.subject for each in memory.due(tomorrow())] == [first]
    assert memory.note(asked, right)
    assert memory.due(tomorrow()) == []


def test_predictions_and_recall_questions_are_asked_again_too() -> None:
    found = find_lesson(LAZY)
    assert found is not None
    answer(f"{LAZY}/{found.predictions[0].id}", False, "prediction")
    answer(f"{LAZY}/{found.recall[0].id}", False, "recall")
    assert len(memory.due(tomorrow())) == 2


def test_every_question_of_the_course_has_a_subject_of_its_own() -> None:
    subjects = [each.subject for each in memory._questions()]
    assert len(subjects) == len(set(subjects))
    for each in memory._questions():
        assert each.to_dict()["step"] and "right" not in each.to_dict()


def test_three_questions_to_begin_with() -> None:
    for number, each in enumerate(all_lessons()):
        asked = memory.three_to_begin(each.id)
        assert len(asked) == (3 if number else 0), each.id
        assert len({one.subject for one in asked}) == len(asked)


def test_missed_questions_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    missed = quiz("sessions")[0]
    answer(missed, False)
    monkeypatch.setattr(memory, "REST", timedelta(0))
    assert memory.three_to_begin("repositories")[0].subject == missed


def test_in_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "REST", timedelta(0))
    run = CliRunner().invoke
    assert "Nothing to review" in run(cli.main, ["review"]).stdout
    for subject in quiz(LAZY):
        answer(subject, False)
    (first, *_) = memory.due()
    right = [choice.right for choice in first.question.mixed()].index(True) + 1
    told = run(cli.main, ["review"], input=f"{right}\n9\n\n")
    assert told.exit_code == 0
    assert "3 to review." in told.stdout and first.question.text in told.stdout
    assert "Right. " in told.stdout and "1 of 1 right." in told.stdout
    assert len(memory.due()) == 2
    assert run(cli.main, ["review"], input="").exit_code == 0  # the input ends: so does the review
    assert '"choices"' in run(cli.main, ["review", "--json"]).stdout


def test_in_a_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = lesson(LAZY)
    assert repr(desk.review()).startswith("Nothing to review")
    monkeypatch.setattr(memory, "REST", timedelta(0))
    answer(quiz("sessions")[0], False)
    shown = repr(desk.review())
    assert shown.startswith("Once more\n") and "  ( ) " in shown


def test_what_was_hard_is_told() -> None:
    name = "lazy-loading/order-days"
    for right in (False, False, False, True):
        progress.record("attempt", LAZY, name, "passed" if right else "failed", right)
    progress.record("attempt", LAZY, "lazy-loading/users-with-orders", "passed", True)
    progress.record("solution", LAZY, "lazy-loading/users-with-orders", "", None)
    progress.record("solution", LAZY, "lazy-loading/load-orders", "", None)
    found = next(each for each in progress.summary() if each.lesson == LAZY)
    titles = {each.id: each.title for each in find_lesson(LAZY).exercises}  # type: ignore[union-attr]
    assert found.hard == (titles[name], titles["lazy-loading/load-orders"])
    assert found.following == titles["lazy-loading/load-orders"]
    told = CliRunner().invoke(cli.main, ["progress"]).stdout
    assert f"This was hard: {found.hard[0]} (09)" in told and "You can now" in told
    panel = repr(lesson(LAZY).progress())
    assert "This was hard: " in panel and f"Next: {found.following}." in panel and "You can now " in panel
