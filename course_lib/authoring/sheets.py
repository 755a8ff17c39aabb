"""The cheat sheet and the glossary, written from what the lessons declare."""

from __future__ import annotations

from course_lib.coach import all_lessons

CHEAT_SHEET, GLOSSARY = "cheat_sheet.md", "glossary.md"


def sheets() -> dict[str, str]:
    """Both pages by their names in `notebooks/`, as Markdown text."""
    return {CHEAT_SHEET: _cheat_sheet(), GLOSSARY: _glossary()}


def _cheat_sheet() -> str:
    lines = [
        "# Cheat sheet",
        "",
        "A line or two from each lesson. For the words: [glossary](glossary.md).",
    ]
    for lesson in all_lessons():
        if lesson.cheat:
            lines += ["", f"**[{lesson.number} {lesson.title}]({lesson.notebook}.ipynb)**", ""]
            lines += [f"- {_code(line)}" for line in lesson.cheat]
    return "\n".join(lines) + "\n"


def _glossary() -> str:
    told: dict[str, list[tuple[str, str]]] = {}
    for lesson in all_lessons():
        for term, meaning in lesson.terms.items():
            told.setdefault(term, []).append((meaning, f"[{lesson.number}]({lesson.notebook}.ipynb)"))
    lines = ["# Glossary", "", "Each word with the lesson that explains it.", ""]
    lines += ["| word | meaning | lesson |", "|---|---|---|"]
    for term in sorted(told, key=str.casefold):
        meanings = "; ".join(dict.fromkeys(meaning for meaning, _ in told[term]))
        lines.append(f"| {_cell(term)} | {_cell(meanings)} | {', '.join(link for _, link in told[term])} |")
    return "\n".join(lines) + "\n"


def _code(line: str) -> str:
    """A cheat-sheet line is code, unless it marks its code itself."""
    return line if "`" in line else f"`{line}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
