"""What the run says at its end: how the answers and the lanes fared, and what this machine could not run."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from tests.harness import NOT_RUN


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Works with and without xdist: user properties travel with the reports."""
    by_lesson: dict[str, Counter[str]] = defaultdict(Counter)
    lanes: list[str] = []
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            for key, kind in report.user_properties:
                if key == "answer":
                    lesson = report.nodeid.partition("[")[2].partition("/")[0]
                    by_lesson[lesson].update([str(kind), f"{kind} {outcome}"])
                elif key == "lane":
                    lanes.append(str(kind))
    if by_lesson:
        terminalreporter.write_sep("-", "answers graded")
        for lesson, count in sorted(by_lesson.items()):
            terminalreporter.write_line(
                f"{lesson:26}  right: {count['right passed']:3} of {count['right']:3} passed"
                f"   wrong: {count['wrong passed']:3} of {count['wrong']:3} refused for their own reason"
            )
        graded = sum(by_lesson.values(), Counter())
        right, wrong = graded["right"], graded["wrong"]
        erred = graded["right failed"] + graded["wrong failed"]
        terminalreporter.write_line(
            f"{right} right answers, {graded['right failed']} of them turned down;"
            f" {wrong} wrong answers, {graded['wrong failed']} of them not refused for their own reason;"
            f" {erred} erred."
        )
    if lanes:
        terminalreporter.write_sep("-", "once more, on other versions")
        for line in sorted(lanes):
            terminalreporter.write_line(line)
    reasons = {
        str(report.longrepr[2]).partition(NOT_RUN)[2]
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple) and NOT_RUN in str(report.longrepr[2])
    }
    for reason in sorted(reasons):
        terminalreporter.write_line(f"Not run on this machine: {reason}", yellow=True)
