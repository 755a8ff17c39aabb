"""The form of lessons and solutions, as rules. A rule yields one sentence for each fault."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

from nbformat import NotebookNode

from course_lib.authoring import normalize, waits_at_top_level

FACES = ("patterns", "lens", "shop", "sandbox", "coach", "trials", "explorers")
FACES += ("patterns.web", "shop.app")  # they need FastAPI, so no face imports them
UNTESTED = "nbval-ignore-output"
WHOLE = "whole-ledger"
"""Marks the one output that is as long as what it shows."""
NBVAL_COMMENTS = re.compile(r"#\s*(NBVAL_|PYTEST_VALIDATE_)")
UNSTABLE = {
    "a time": re.compile(r"\b\d+(\.\d+)?\s?(ms|µs|ns)\b|\b\d+\.\d+\s?(s|sec|seconds?)\b"),
    "a clock": re.compile(r"\b\d{1,2}:\d{2}:\d{2}\b"),
    "an address": re.compile(r"\b0x[0-9a-fA-F]{6,}\b"),
    "a path": re.compile(r"(?<![\w/.])/(home|root|tmp|usr|var|work|Users)/|[A-Z]:\\\\?Users"),
    "a size": re.compile(r"\b\d+(\.\d+)?\s?([kMG]i?B|bytes)\b"),
}
FORBIDDEN = re.compile(r"\b(simply|just|obviously)\b", re.IGNORECASE)
CODE_LINES, OUTPUT_LINES, WORDS, MEANING_WORDS = 15, 24, 89, 60


def code_cells(book: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in book.cells if cell.cell_type == "code"]


def tags(cell: NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


def headings(book: NotebookNode, level: int) -> list[tuple[int, str]]:
    """Place and text of each heading of a level, where it opens its cell."""
    mark = "#" * level + " "
    return [
        (place, cell.source.splitlines()[0].removeprefix(mark))
        for place, cell in enumerate(book.cells)
        if cell.cell_type == "markdown" and cell.source.startswith(mark)
    ]


def sections(book: NotebookNode) -> dict[str, list[NotebookNode]]:
    """Cells by the second-level heading above them; those before the first under an empty string."""
    found: dict[str, list[NotebookNode]] = {"": []}
    titles = dict(headings(book, 2))
    current = ""
    for place, cell in enumerate(book.cells):
        current = titles.get(place, current)
        found.setdefault(current, []).append(cell)
    return found


def steps(book: NotebookNode) -> dict[int, list[NotebookNode]]:
    """Cells by step number."""
    return {
        int(match.group(1)): cells
        for title, cells in sections(book).items()
        if (match := re.match(r"Step (\d+): \S", title))
    }


def words(source: str) -> int:
    """Words a reader reads: no fenced code, no link targets."""
    source = re.sub(r"```.*?```", "", source, flags=re.DOTALL)
    source = re.sub(r"\]\([^\s]*\)", "]", source)
    return sum(1 for word in source.split() if re.search(r"\w", word))


def output_lines(cell: NotebookNode) -> int:
    """Lines shown under a cell, in their text form."""
    return sum(len(compared(output).strip("\n").split("\n")) for output in cell.outputs if compared(output))


def compared(output: NotebookNode, *, traceback: bool = True) -> str:
    """The text of an output; without the traceback it is what nbval compares."""
    if output.output_type == "stream":
        return str(output.text)
    if output.output_type == "error":
        return "\n".join(output.traceback) if traceback else f"{output.ename}: {output.evalue}"
    return str(output.data.get("text/plain", ""))


def calls(cells: list[NotebookNode], name: str) -> list[Any]:
    """First argument of each call of a method `name` in these cells, None where it has none."""
    return [
        match.group(1)
        for cell in cells
        if cell.cell_type == "code"
        for match in re.finditer(rf"\.{name}\((?:\"([^\"]*)\")?", cell.source)
    ]


# --- rules for every notebook that is saved with outputs
# ------------------------------------------------------


def saved(book: NotebookNode) -> Iterator[str]:
    """Run from top to bottom, every cell with its output, in the normal form."""
    counts = [cell.execution_count for cell in code_cells(book)]
    if counts != list(range(1, len(counts) + 1)):
        yield f"not every code cell was run in order: {counts}"
    for place, cell in enumerate(book.cells):
        if not cell.source.strip():
            yield f"cell {place} is empty"
        if cell.cell_type != "code":
            continue
        raised = any(output.output_type == "error" for output in cell.outputs)
        if "raises-exception" in tags(cell) and not raised:
            yield f"cell {place} is tagged raises-exception and holds no error"
        if raised and "raises-exception" not in tags(cell):
            yield f"cell {place} holds an error and is not tagged raises-exception"
        if "nbval-skip" in tags(cell) or NBVAL_COMMENTS.search(cell.source):
            yield f"cell {place} is hidden from nbval; only the tag {UNTESTED} is used"
    if normalize(book) != book:
        yield "not saved in the normal form: run `course author build`"


def tested(book: NotebookNode) -> Iterator[str]:
    """Nine of ten cells with output are compared, and hold nothing that varies."""
    shown = [cell for cell in code_cells(book) if cell.outputs]
    ignored = [cell for cell in shown if UNTESTED in tags(cell)]
    if len(ignored) * 10 > len(shown):
        yield f"{len(ignored)} of {len(shown)} cells with output are not compared"
    for place, cell in enumerate(book.cells):
        if cell.cell_type != "code" or UNTESTED in tags(cell):
            continue
        text = "\n".join(compared(output, traceback=False) for output in cell.outputs)
        for what, pattern in UNSTABLE.items():
            if match := pattern.search(text):
                yield f"cell {place} compares {what}: {match.group()}"


def first_cell(book: NotebookNode) -> Iterator[str]:
    """Imports only, from faces only, synchronous."""
    first = code_cells(book)[0].source if code_cells(book) else ""
    if waits_at_top_level(first):
        yield "the first code cell awaits"
        return
    try:
        body = ast.parse(first).body
    except SyntaxError:
        body = []
    if not body or not all(isinstance(node, ast.Import | ast.ImportFrom) for node in body):
        yield "the first code cell holds more than imports, or none"
    for cell in code_cells(book):
        for module in re.findall(r"^\s*(?:from|import)\s+(course_lib[\w.]*)", cell.source, re.MULTILINE):
            if module.removeprefix("course_lib.") not in FACES:
                yield f"{module} is not a face of course_lib"


def sizes(book: NotebookNode) -> Iterator[str]:
    """Short cells, short outputs."""
    for place, cell in enumerate(book.cells):
        if cell.cell_type == "markdown" and words(cell.source) > WORDS:
            yield f"markdown cell {place} has {words(cell.source)} words, at most {WORDS}"
        if cell.cell_type != "code":
            continue
        if output_lines(cell) > OUTPUT_LINES and WHOLE not in tags(cell):
            yield f"cell {place} shows {output_lines(cell)} lines, at most {OUTPUT_LINES}"
    for match in (FORBIDDEN.search(cell.source) for cell in book.cells):
        if match:
            yield f"forbidden word: {match.group()}"


# --- lessons
# --------------------------------------------------------------------------------------------------


def outline(book: NotebookNode) -> Iterator[str]:
    """Title, up to five steps in order, take home, quiz, summary."""
    if not book.cells or not re.match(r"# \d\d \S", book.cells[0].source):
        yield "the first cell does not open with `# NN Title`"
        return
    titles = [title for _, title in headings(book, 2)]
    count = len(titles) - 3
    if titles[count:] != ["Take home", "Quiz", "Summary"]:
        yield f"the lesson does not end in Take home, Quiz, Summary: {titles}"
    for number, title in enumerate(titles[:count], 1):
        if not re.match(rf"Step {number}: \S", title):
            yield f"heading {title!r} is not `Step {number}: ...`"
    if not 1 <= count <= 5:
        yield f"{count} steps, at most five"


def opening(book: NotebookNode) -> Iterator[str]:
    """Promise, minutes, objectives, then a sandbox."""
    first = book.cells[0].source
    objectives = re.findall(r"^[-*] ", first, re.MULTILINE)
    if not 3 <= len(objectives) <= 5:
        yield f"{len(objectives)} objectives, 3 to 5"
    if not re.search(r"\d+ minutes \((guessed|measured)", first):
        yield "the minutes do not stand at the top as `25 minutes (guessed)`"
    if not re.search(r"\*\*.+\*\*", first):
        yield "no promise in bold at the top"
    if len(code_cells(book)) < 2 or not re.search(r"await fresh(_or_say)?\(", code_cells(book)[1].source):
        yield "the second code cell opens no fresh sandbox"


def parts(book: NotebookNode, *, number: str) -> Iterator[str]:
    """Recall, predictions, experiments, Your turn, quiz."""
    by_step, all_cells = steps(book), book.cells
    rested = False  # whether the step before had a turn
    if number != "00" and len(calls(sections(book)[""], "recall")) != 1:
        yield "no recall questions before the first step"
    predictions = len(calls(all_cells, "predict"))
    if not 2 <= predictions <= 3:
        yield f"{predictions} predictions, two or three"
    if len(calls(sections(book).get("Quiz", []), "quiz")) != 1 or len(calls(all_cells, "quiz")) != 1:
        yield "the quiz does not stand under its heading, once"
    if "course_lib.patterns" not in "".join(cell.source for cell in all_cells) and number != "00":
        yield "nothing is taken home from course_lib.patterns"
    for step, cells in by_step.items():
        experiments = [
            cell for cell in cells if cell.cell_type == "code" and not calls([cell], "(?:predict|recall)")
        ]
        if not experiments:
            yield f"step {step} runs nothing"
        for cell in experiments:
            if len(cell.source.splitlines()) > CODE_LINES:
                yield f"an experiment of step {step} has {len(cell.source.splitlines())} lines, at most 15"
        yield from _meaning(step, cells)
        turn = [cell for cell in cells if cell.source.startswith("**Your turn")]
        if number not in {"00", "20"} and step % 2 == 0 and not turn and not rested:
            yield f"no **Your turn** after step {step}"
        rested = bool(turn)
        if number != "20" and any("](../exercises/" not in cell.source for cell in turn):
            yield f"**Your turn** of step {step} links to no exercise"
    if not any(cell.source.startswith("**Your turn") for cell in all_cells):
        yield "no **Your turn** at all"


def _meaning(step: int, cells: list[NotebookNode]) -> Iterator[str]:
    """What stands after the evidence says what it means, in 60 words."""
    after = False
    for cell in cells:
        if cell.cell_type == "code":
            after = True
        elif after and not cell.source.startswith("**Your turn") and words(cell.source) > MEANING_WORDS:
            yield f"step {step} takes {words(cell.source)} words for what it means, at most {MEANING_WORDS}"


def lesson_faults(book: NotebookNode, number: str = "09") -> list[str]:
    """Everything that is wrong with the form of a lesson; `number` tells 00 and 20, which differ."""
    faults = list(outline(book))
    if not faults:
        faults = [*opening(book), *parts(book, number=number)]
    return [*faults, *first_cell(book), *sizes(book), *tested(book), *saved(book)]


# --- solutions
# ------------------------------------------------------------------------------------------------


def exercise_cells(book: NotebookNode) -> Iterator[str]:
    """Each exercise: numbered title, contract with a marked solution, one check of the same name."""
    by_title = {title: cells for title, cells in sections(book).items() if title}
    for number, (title, cells) in enumerate(by_title.items(), 1):
        if not title.startswith(f"{number}. "):
            yield f"heading {title!r} is not `{number}. ...`"
        code = [cell.source for cell in cells if cell.cell_type == "code"]
        answers = [source for source in code if "### BEGIN SOLUTION" in source]
        checked = calls(cells, "check")
        if len(answers) != 1 or len(checked) != 1:
            yield f"exercise {number} has {len(answers)} solutions and {len(checked)} checks, one each"
            continue
        names = [
            node.name
            for node in ast.parse(answers[0]).body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            and ast.get_docstring(node)
        ]
        check = next(source for source in code if ".check(" in source)
        if not any(re.search(rf"await ex\.\w+\.check\({name}\)", check) for name in names):
            yield f"exercise {number} defines {names} with a docstring, and checks {check!r}"


def solution_faults(book: NotebookNode) -> list[str]:
    """Everything that is wrong with the form of a solution notebook."""
    return [*exercise_cells(book), *first_cell(book), *sizes(book), *tested(book), *saved(book)]
