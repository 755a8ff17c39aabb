"""How a verdict reads, as text and as HTML."""

from __future__ import annotations

from course_lib.coach.verdict import Breach, Verdict, step_name

BREACH = Breach("a", "sqlite", "Use `scalars`.", "`all()` gave 3", "", "That `execute` is it.", "sessions/2")


def test_backticks_stay_in_the_text_and_are_code_in_html() -> None:
    failed = Verdict("x/y", "y", "failed", (BREACH, Breach("b", "sqlite", "`b` <", "", "", "", "")))
    shown = failed._repr_html_()
    for code in ("scalars", "all()", "execute", "b"):
        assert f"<code>{code}</code>" in shown
    assert "`scalars`" in repr(failed) and "`" not in shown and "&lt;" in shown
    for message in ("one `line`", "two\nlines of `code`"):
        assert "<code>" in Verdict("x/y", "y", "raised", message=message)._repr_html_()


def test_every_lesson_is_named_in_one_style() -> None:
    assert step_name("sessions/2") == "lesson 04, Sessions, step 2"
    assert step_name("sessions") == "lesson 04, Sessions"
    assert step_name("not-written-yet/1") == "lesson Not written yet, step 1"
    assert step_name("not-written-yet/1", only_if_here=True) == ""


def test_what_was_logged_is_not_called_printed_only() -> None:
    failed = Verdict("x/y", "y", "failed", (BREACH,), printed="a log line with `ticks`")
    assert "Printed and logged while your code ran" in repr(failed) and "`ticks`" in failed._repr_html_()
    assert "Printed and logged while your code ran" in failed._repr_html_()


def test_an_error_reads_like_the_other_cards() -> None:
    message = (
        "On sqlite: It raised an error (7 users):\n  ValueError: no `such` word\n  at line 3 of f\n"
        "What it means: A word is missing.\nTaught in: lesson 04."
    )
    shown = Verdict("x/y", "y", "raised", message=message)._repr_html_()
    for label in ("On sqlite", "What it means", "Taught in"):
        assert f"<strong>{label}:</strong>" in shown
    assert "ValueError: no <code>such</code> word\nat line 3 of f</pre>" in shown
    assert shown.count("<pre") == 1 and "word-break:normal" in shown and "break-all" not in shown
