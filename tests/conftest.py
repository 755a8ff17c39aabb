"""What the run says at its end: how the answers and the lanes fared, and what this machine could not run."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.harness import NOT_RUN


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Works with and without xdist: user properties travel with the reports."""
    graded: Counter[str] = Counter()
    lanes: list[str] = []
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            for key, kind in report.user_properties:
                if key == "answer":
                    graded[f"{kind} {outcome}"] += 1
                elif key == "lane":
                    lanes.append(str(kind))
    if graded:
        right, wrong = (graded[f"{kind} passed"] + graded[f"{kind} failed"] for kind in ("right", "wrong"))
        erred = graded["right failed"] + graded["wrong failed"]
        terminalreporter.write_sep("-", "answers graded")
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
