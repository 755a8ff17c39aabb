"""Runs one check in the process of an answer, forked from the notebook or started afresh.

As a program (`main`) it reads a request as JSON from its standard input: the id
of the exercise, the answer's source, the backend, the databases. It writes one JSON object a line: `started`
when everything of the course's own is loaded, then the case that begins, and at last the report.
"""

from __future__ import annotations

import asyncio
import builtins
import gc
import json
import linecache
import os
import signal
import sys
import types
from collections.abc import Callable, Sequence
from textwrap import indent
from typing import Any

from course_lib.coach.advice import advice
from course_lib.coach.describe import causes, error_text, own_line
from course_lib.coach.exercise import Exercise, NotAttempted
from course_lib.coach.lab import CaseEnded, CheckFault, Lab
from course_lib.coach.limits import capture_output, limit, use_reserve
from course_lib.coach.recording import install_hooks
from course_lib.coach.refuse import refuse_what_is_inherited
from course_lib.coach.verdict import step_name

Databases = Sequence[tuple[int, str]]
MODULE = "course_answer"


def run_forked(
    exercise: Exercise, answer: Any, backend: str, databases: Databases, report: int, output: int
) -> None:
    """Run a check in a process forked from a notebook. Does not return: it ends the process.

    report: descriptor of the pipe for the report; output: of the file for what is printed.
    """
    try:
        os.setsid()
        gc.freeze()
        _forget_the_notebook()
        _run(exercise, lambda: answer, backend, databases, report, output)
    finally:
        os._exit(1)


def _forget_the_notebook() -> None:
    """Leave the parent's event loop and its signal handlers, which were copied with everything else."""
    loop = asyncio._get_running_loop()
    if loop is not None:
        task = asyncio.current_task(loop)
        if task is not None:
            asyncio.tasks._leave_task(loop, task)
        asyncio._set_running_loop(None)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _run(
    exercise: Exercise, load: Callable[[], Any], backend: str, databases: Databases, report: int, output: int
) -> None:
    def tell(**message: Any) -> None:
        data = (json.dumps(message) + "\n").encode()
        while data:
            data = data[os.write(report, data) :]

    async def main() -> None:
        tell(**await judge(exercise, load, backend, databases, lambda label: tell(case=label)))
        os._exit(0)  # what the answer left behind (tasks, threads, connections) ends here

    try:
        capture_output(output)
        builtins.input = _no_input
        sys.unraisablehook = lambda unraisable: None
        refuse_what_is_inherited()
        install_hooks()
        limit(exercise.seconds)
    except Exception as error:
        tell(fault=error_text(error))
        os._exit(1)
    try:
        tell(started=True)
        asyncio.run(main(), debug=False)
    except BaseException as error:
        use_reserve()
        tell(**_report("raised", error=error))
    os._exit(0)


def _no_input(prompt: object = "") -> str:
    raise RuntimeError("an answer cannot ask for input: it is called by the check")


async def judge(
    exercise: Exercise,
    load: Callable[[], Any],
    backend: str,
    databases: Databases,
    tell: Callable[[str], None],
) -> dict[str, Any]:
    """Run the check of an exercise and give its report: outcome, broken requirements, message.

    load: gives the answer; it runs under the same limits. tell: is told the label of each case that begins.
    """
    lab = Lab(exercise, backend, databases, tell)
    try:
        answer = load()
    except BaseException as error:
        return _report("raised", error=error)
    if isinstance(answer, NotAttempted):
        return _report("not attempted") | {"message": getattr(answer, "why", "")}
    try:
        await exercise.check(answer, lab)
    except CaseEnded:
        pass
    except CheckFault as fault:
        return {"fault": str(fault)}
    except BaseException as error:
        lab.stumbled(error)
    use_reserve()
    if not lab.attempted:
        return _report("not attempted")
    label, raised = lab.raised[0] if lab.raised else ("", None)
    outcome = "failed" if lab.broken else "raised" if raised else "passed"
    return _report(outcome, broken=list(lab.broken.values()), error=raised, label=label)


def _report(
    outcome: str, broken: Sequence[dict[str, str]] = (), error: BaseException | None = None, label: str = ""
) -> dict[str, Any]:
    message = gist = ""
    if error is not None:
        where = own_line(error)
        innermost = list(causes(error))[-1]
        gist = f"{type(innermost).__name__} {where} {label}"
        lines = [f"It raised an error{f' ({label})' if label else ''}:", indent(error_text(error), "  ")]
        if where:
            lines.append(f"  at {where}")
        elif label:
            lines.append("  while the check worked with what it returned")
        if meaning := advice(error):
            lines.append(f"What it means: {meaning.text}")
            if meaning.step and (where := step_name(meaning.step, only_if_here=True)):
                lines.append(f"Taught in: {where}.")
        message = "\n".join(lines)
    return {"outcome": outcome, "broken": list(broken), "message": message, "gist": gist}


class NotDefined(NotAttempted):
    """A source that does not define what the exercise asks for. why: says so, and what it does define."""

    def __init__(self, filename: str, name: str, others: Sequence[str]) -> None:
        held = ", ".join(f"`{each}`" for each in others[:6])
        self.why = (
            f"{filename} defines no function `{name}`, so there is nothing to judge yet. "
            + (f"It defines {held}. " if held else "It defines no function at all. ")
            + f"Write `{name}` as the exercise describes it, and grade the file again."
        )


def load_source(source: str, name: str, filename: str = "answer.py") -> Any:
    """Run an answer's source as a module. Gives what it defines under `name`, else a `NotDefined`."""
    module = types.ModuleType(MODULE)
    module.__file__ = filename
    sys.modules[MODULE] = module
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    # Without this file's `from __future__ import annotations`: FastAPI cannot read that inside a function.
    exec(compile(source, filename, "exec", dont_inherit=True), module.__dict__)
    if hasattr(module, name):
        return getattr(module, name)
    own = [each for each, value in vars(module).items() if getattr(value, "__module__", "") == MODULE]
    return NotDefined(filename, name, own)


def main() -> None:
    """Run the request on the standard input. Does not return: it ends the process."""
    from course_lib.coach.library import find_exercise

    request = json.load(sys.stdin)
    report = os.dup(1)
    exercise = find_exercise(request["exercise"], request["module"])

    def load() -> Any:
        return load_source(request["source"], exercise.defines, request["filename"])

    databases = [(users, url) for users, url in request["databases"]]
    _run(exercise, load, request["backend"], databases, report, 2)
