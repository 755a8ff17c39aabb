"""The `course` command: opens the course, grades answers, keeps PostgreSQL, helps when something fails.

Every command answers with exit code 0 when all is well, 1 when the answer is "no" (not passed, not ready),
and 2 with one message on standard error when it could not do its work. `--json` prints one JSON document and
nothing else. Heavy packages are imported inside the commands, so that `course --help` is quick.
Click: https://click.palletsprojects.com/en/stable/.
"""

import contextlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

import click

from course_lib.paths import CourseError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from course_lib.coach.memory import Due
    from course_lib.sandbox.server import Status
    from course_lib.workspace import Filled


class CourseGroup(click.Group):
    """A group whose commands end in a message and exit code 2, not in a traceback, on a `CourseError`."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; say what a `CourseError` says."""
        try:
            return super().invoke(ctx)
        except CourseError as problem:
            click.echo(str(problem), err=True)
            ctx.exit(2)


as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for scripts.")


def show_json(content: Any) -> None:
    """Print one JSON document."""
    click.echo(json.dumps(content, indent=2, ensure_ascii=False, default=str))


@click.group(
    cls=CourseGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="async-sqlalchemy-course", message="%(version)s")
def main() -> None:
    """Async SQLAlchemy, by experiment: a course in Jupyter notebooks.

    Open it with `course lab`. If something does not work, `course doctor` says what and what to do.
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal may lack a letter


# --- opening the course


@main.command()
@click.option("--no-browser", is_flag=True, help="Print the address and leave opening it to you.")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8888,
    show_default=True,
    help="Where to listen; a free port near it if it is taken.",
)
@click.option("--check", is_flag=True, help="Start, try the page and a kernel, and stop: for CI.")
@click.option("--at", default="", metavar="FILE", help="Show this file of work/ first.")
def lab(no_browser: bool, port: int, check: bool, at: str) -> None:
    """Open the course in JupyterLab.

    Fills work/, your own copy of the lessons and exercises, and never overwrites what you have changed there.
    Listens on this machine only. Stop it with Ctrl-C; a PostgreSQL that it started stops with it.
    """
    from course_lib import closing, doctor, jupyter, workspace
    from course_lib.sandbox import prepare

    _say_filled(workspace.fill())
    closing.note_start()
    try:
        found = prepare(click.echo)
        troubles = [finding for finding in doctor.examine(found) if not finding.ok]
        for finding in troubles:
            click.echo(f"{finding.name}: {finding.found} {finding.remedy}", err=True)
        work = workspace.work_folder()
        if at and not (work / at).is_file():
            raise CourseError(f"There is no {at} in work/. Name a file by its path below work/.")
        server = jupyter.open_server(work, port=port, browser=not (no_browser or check), at=at)
        opened = f"\nThe course is open at\n\n    {jupyter.address(server)}\n\nPress Ctrl-C here to close it."
        went_well = jupyter.serve(server, lambda: click.echo(opened), check=check)
    finally:
        closing.stop_if_ours()
    if check:
        passed = went_well and not troubles
        click.echo(
            "The course opens and a kernel answers." if passed else "The check failed.", err=not passed
        )
        sys.exit(0 if passed else 1)
    click.echo("\nClosed. What you wrote is in work/; the same command opens it again.")


def _say_filled(filled: "Filled") -> None:
    if filled.added:
        click.echo(f"Put {_files(filled.added)} into work/, your own copy.")
    if filled.updated:
        click.echo(f"Renewed {_files(filled.updated)} in work/ that you had not changed.")
    if filled.kept:
        click.echo(
            f"Newer versions exist of {_files(filled.kept)} that you have changed; yours stay. "
            f"To get a new one: course reset {filled.kept[0]} (yours is kept beside it)."
        )


def _files(names: list[str]) -> str:
    return f"{len(names)} file" + ("s" if len(names) != 1 else "")


@main.command()
@as_json
def doctor(as_json: bool) -> None:
    """Say what works here, and what to do about the rest.

    Looks at Python, the packages, SQLite, PostgreSQL and the folders. Exit code 1 when something is amiss.
    """
    from course_lib import doctor as look

    findings = look.examine()
    if as_json:
        show_json(look.as_dict(findings))
    else:
        for finding in findings:
            click.echo(f"{'ok     ' if finding.ok else 'TROUBLE'}  {finding.name}: {finding.found}")
            if finding.remedy:
                click.echo(f"         What to do: {finding.remedy}")
    sys.exit(0 if all(finding.ok for finding in findings) else 1)


# --- exercises and progress


@main.command()
@as_json
def exercises(as_json: bool) -> None:
    """List the exercises.

    With --json also the name to define, the backends it is judged on and the starter notebook.
    """
    from course_lib.coach import catalogue

    entries = catalogue()
    if as_json:
        show_json(entries)
        return
    width = max((len(entry["id"]) for entry in entries), default=0)
    lesson = None
    for entry in entries:
        if entry["lesson"] != lesson:
            lesson = entry["lesson"]
            click.echo(f"\n{lesson}  (work/{entry['starter']})")
        stretch = "" if entry["core"] else "  (stretch)"
        click.echo(f"  {entry['id']:<{width}}  {entry['title']}{stretch}")
    click.echo("\nTo judge an answer in a file: course grade ID ANSWER.py")


@main.command()
@click.argument("what", metavar="ID ANSWER.py | PATH...", nargs=-1, required=True)
@click.option(
    "--backend",
    type=click.Choice(["sqlite", "postgresql", "both"]),
    default="both",
    show_default=True,
    help="Judge on this backend; both: on every one the exercise asks for.",
)
@click.option("--csv", "table", type=click.File("w", encoding="utf-8", lazy=True), help="Write a table, too.")
@click.option("--jobs", type=click.IntRange(1), help="Answers judged at a time; else one for each processor.")
@as_json
def grade(what: tuple[str, ...], backend: str, table: TextIO | None, jobs: int | None, as_json: bool) -> None:
    """Judge one answer in a file, or all below a folder.

    ID ANSWER.py: the file defines the function that the exercise names (`course exercises --json` has it).

    PATH...: filled-in exercise notebooks, files such as lazy-loading/order_days.py, or folders of them, each
    student's in a folder of their own if you like. --csv writes a row for each answer.

    Every answer runs in a process of its own. Exit code 0: all passed. 1: not passed, with the reason. 2:
    could not be judged.
    """
    import asyncio

    from course_lib.coach import grade_file

    backends = None if backend == "both" else backend
    if len(what) != 2 or Path(what[0]).exists():
        _grade_all([Path(each) for each in what], backends, table, jobs, as_json)
    verdict = asyncio.run(grade_file(what[0], what[1], backends))
    if as_json:
        show_json(verdict.to_dict())
    else:
        click.echo(repr(verdict))
    sys.exit(0 if verdict.passed else 1)


def _grade_all(
    places: list[Path], backends: str | None, table: TextIO | None, jobs: int | None, as_json: bool
) -> NoReturn:
    import asyncio

    from course_lib.coach import Graded, grade_folder

    def tell(each: Graded) -> None:
        click.echo(f"  {each.file}  {each.exercise}: {each.outcome}", err=True)

    report = asyncio.run(grade_folder(places, backends, jobs=jobs, on_graded=None if as_json else tell))
    if table:
        report.write_csv(table)
    if as_json:
        show_json(report.to_dict())
    else:
        for each in report.graded:
            if not each.passed:
                click.echo(f"{each.file}  {each.exercise}: {each.outcome}. {each.message}")
        for file, reason in report.skipped:
            click.echo(f"{file}: not judged. {reason}")
        for file, (passed, total) in report.files.items():
            click.echo(f"{file}: {passed} of {total} passed")
        click.echo(f"All together: {report.passed} of {len(report.graded)} passed.")
    if not report.graded:
        raise CourseError("No answers were found. Give exercise notebooks, or folders that hold them.")
    sys.exit(0 if report.passed == len(report.graded) and not report.skipped else 1)


@main.command()
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option(
    "--backend",
    type=click.Choice(["sqlite", "postgresql", "both"]),
    default="both",
    show_default=True,
    help="Where to run the experiments.",
)
@as_json
def trials(names: tuple[str, ...], backend: str, as_json: bool) -> None:
    """Run the experiments on the claims and say what they found.

    With --json also what was seen on each backend, and the version of SQLAlchemy.
    """
    import asyncio

    from course_lib.sandbox import BACKENDS
    from course_lib.trials import run_trials

    places = BACKENDS if backend == "both" else (backend,)
    told = None if as_json else lambda name: click.echo(f"  {name}", err=True)
    ledger = asyncio.run(run_trials(names or None, places, on_progress=told))  # type: ignore[arg-type]
    if as_json:
        show_json(ledger.to_dict())
    else:
        click.echo(repr(ledger))


@main.command()
@as_json
def progress(as_json: bool) -> None:
    """Show the core exercises passed in each lesson."""
    from dataclasses import asdict

    from course_lib.coach import summary

    lessons = summary()
    if as_json:
        show_json([asdict(entry) for entry in lessons])
        return
    width = max((len(entry.title) for entry in lessons), default=0)
    for entry in lessons:
        if not entry.core_total:
            click.echo(f"{entry.number}  {entry.title:<{width}}  {_quiz_alone(entry.finished)}")
            continue
        bar = "#" * entry.core_done + "." * (entry.core_total - entry.core_done)
        count = f"{entry.core_done} of {entry.core_total}"
        stretch = f", {entry.more_done} stretch" if entry.more_done else ""
        click.echo(f"{entry.number}  {entry.title:<{width}}  [{bar}]  {count}{stretch}")
    begun = [entry for entry in lessons if entry.achieved]
    if begun:
        click.echo(f"\nYou can now, among other things (from {begun[-1].title}):")
        for line in begun[-1].achieved:
            click.echo(f"  {line}")
    hard = [f"{title} ({entry.number})" for entry in lessons for title in entry.hard]
    if hard:
        click.echo(f"\nThis was hard: {', '.join(hard)}. Another try in a week will show what stayed.")
    done, total = sum(entry.core_done for entry in lessons), sum(entry.core_total for entry in lessons)
    click.echo(f"\nCore exercises passed: {done} of {total}. To go on where you were: course resume")
    if all(entry.finished for entry in lessons):
        click.echo("You have finished the whole course: congratulations.")


def _quiz_alone(finished: bool) -> str:
    return "has no exercises, and its quiz is done" if finished else "has no exercises; its quiz ends it"


@main.command()
@as_json
def review(as_json: bool) -> None:
    """Ask again what you missed more than a day ago.

    These are predictions, quiz and recall questions whose last answer was wrong. What you answer rightly
    now is not asked again.
    """
    from course_lib.coach import memory

    found = memory.due()
    if as_json:
        show_json([each.to_dict() for each in found])
    elif not found:
        click.echo("Nothing to review: no question that you missed has rested for a day.")
    else:
        click.echo(f"{len(found)} to review.")
        _ask(found)


def _ask(asked: "Sequence[Due]") -> None:
    """Ask questions in a terminal; an empty answer, or the end of the input, ends it."""
    from course_lib.coach import memory

    right = answered = 0
    for number, each in enumerate(asked, 1):
        choices = each.question.mixed()
        click.echo(f"\n{number}. {each.question.text}")
        for place, choice in enumerate(choices, 1):
            click.echo(f"   {place}) {choice.text}")
        try:
            answer = click.prompt(
                "Your choice (Enter ends)",
                default=0,
                show_default=False,
                type=click.IntRange(0, len(choices)),
            )
        except click.Abort:
            click.echo()
            break
        if not answer:
            break
        answered += 1
        good = memory.note(each, answer - 1)
        right += good
        said = choices[answer - 1].reply or ("" if good else f"Look again at {each.question.step}.")
        click.echo(
            f"   {'Right' if good else 'Not quite'}. {said.removeprefix('Right: ').removeprefix('Right. ')}"
        )
    if answered:
        click.echo(f"\n{right} of {answered} right.")


@main.command()
@click.option(
    "--open/--no-open", "opens", default=None, help="Open JupyterLab there; the default in a terminal."
)
@as_json
@click.pass_context
def resume(ctx: click.Context, opens: bool | None, as_json: bool) -> None:
    """Go on where you were last, after three questions.

    The questions are from what you missed and from the lessons before; Enter passes them over. Then
    JupyterLab opens at the notebook.
    """
    from dataclasses import asdict

    from course_lib.coach import memory, resume_point

    point = resume_point()
    if as_json:
        show_json(asdict(point) if point else None)
        return
    notebook = f"notebooks/{point.notebook if point else '00_start_here'}.ipynb"
    in_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    opens = in_terminal if opens is None else opens
    go_on = f"JupyterLab opens {notebook}." if opens else f"Run course lab and open {notebook}."
    if point is None:
        click.echo(f"Nothing checked yet. {go_on}")
    elif point.after:
        click.echo(f"You have finished {point.after}. Next comes {point.title}. {go_on}")
    else:
        step = f", step {point.step}" if point.step else ""
        click.echo(f"You were last in {point.title}{step}. {go_on}")
    if point and in_terminal:
        _ask(memory.three_to_begin(point.lesson))
    if opens:
        ctx.invoke(lab, at=notebook)


@main.command()
@click.argument("file", required=False)
@click.option("--exercise", metavar="ID", help="Forget your progress in one exercise.")
@click.option("--lesson", metavar="ID", help="Forget your progress in one lesson.")
@click.option("--all", "everything", is_flag=True, help="Forget all progress.")
@click.option("--yes", is_flag=True, help="Do not ask before forgetting all progress.")
def reset(file: str | None, exercise: str | None, lesson: str | None, everything: bool, yes: bool) -> None:
    """Renew one FILE of work/, or forget progress.

    FILE gets its original content back, and your version is kept beside it. Name it by its path, such as
    work/exercises/09_lazy_loading.ipynb, or in short: exercises/09. If it is open in JupyterLab,
    choose "Revert" there when it says that the file has changed. Forgetting progress changes no file.
    """
    if sum(map(bool, (file, exercise, lesson, everything))) != 1:
        raise click.UsageError("Name one file of work/, or one of --exercise ID, --lesson ID and --all.")
    if file:
        from course_lib.workspace import renew

        name, kept = renew(file)
        beside = f" Your version is kept as work/{kept}." if kept else " You had not changed it."
        click.echo(f"work/{name} is as it was at the beginning.{beside}")
        return

    from course_lib import coach

    if exercise:
        coach.find_exercise(exercise)
    if lesson and coach.find_lesson(lesson) is None:
        known = ", ".join(entry.id for entry in coach.all_lessons())
        raise CourseError(f"There is no lesson {lesson!r}. Nothing was forgotten. Lessons: {known}.")
    if everything and not yes:
        click.confirm("This forgets all your progress; your files stay. Go on?", abort=True)
    forgotten = coach.reset(exercise or lesson)
    entries = "1 entry" if forgotten == 1 else f"{forgotten} entries"
    click.echo(f"Forgotten: {entries} of progress. Your files are as they were.")


# --- PostgreSQL


@main.group()
def db() -> None:
    """The private PostgreSQL: start, stop, look, begin anew.

    Lessons and checks start it by themselves; these commands are for when you want to see or change that.
    With COURSE_DATABASE_URL set, they concern your own server, and touch only what the course created there.
    """


@db.command("start")
@as_json
def db_start(as_json: bool) -> None:
    """Start the private PostgreSQL."""
    from course_lib.sandbox import server

    _show_status(server.start(), as_json)


@db.command("stop")
@as_json
def db_stop(as_json: bool) -> None:
    """Stop the private PostgreSQL.

    Also when lessons are connected: they start it again when they need it. Your own server is left alone.
    """
    from course_lib.sandbox import server

    stopped = server.stop()
    if as_json:
        show_json({"stopped": stopped})
    else:
        click.echo(
            "PostgreSQL is stopped." if stopped else "No private PostgreSQL was running: nothing to stop."
        )


@db.command("status")
@as_json
def db_status(as_json: bool) -> None:
    """Say whether PostgreSQL runs. Exit code 1 when it does not."""
    from course_lib.sandbox import server

    state = server.status()
    _show_status(state, as_json)
    sys.exit(0 if state.running else 1)


@db.command("reset")
@click.option("--yes", is_flag=True, help="Do not ask first.")
@as_json
def db_reset(yes: bool, as_json: bool) -> None:
    """Delete all practice databases.

    They are made again when needed. Your progress and work/ stay.
    """
    from course_lib.sandbox import server

    if not yes and not as_json:
        click.confirm(
            "This deletes every practice database. Lessons that are open must be restarted. Go on?",
            abort=True,
        )
    server.reset()
    if as_json:
        show_json({"reset": True})
    else:
        click.echo("The practice databases are deleted. The next lesson makes new ones.")


def _show_status(state: "Status", as_json: bool) -> None:
    from dataclasses import asdict

    if as_json:
        show_json(asdict(state))
        return
    where = f" on port {state.port}" if state.port else ""
    click.echo(f"PostgreSQL {state.version}{where}: {state.detail}; {state.databases} practice databases.")


# --- for authors


@main.group()
def author() -> None:
    """For those who write the course: run `make dev` first."""


@author.command("build")
@click.argument("notebooks", nargs=-1)
@click.option("--check", is_flag=True, help="Write nothing; say what would change, with exit code 1.")
@click.option("--no-run", is_flag=True, help="Only generate exercises/; run no notebook.")
def author_build(notebooks: tuple[str, ...], check: bool, no_run: bool) -> None:
    """Generate exercises/, then run and save all notebooks.

    NOTEBOOKS picks some by name or number, such as 09_lazy_loading or 09.
    """
    try:
        from course_lib.authoring import build
    except ImportError as missing:
        raise _no_author_tools(missing) from missing
    report = build(notebooks or None, check=check, run_notebooks=not no_run)
    click.echo(str(report))
    sys.exit(1 if report.problems or (check and not report.clean) else 0)


@author.command("nbgrader")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.argument("notebooks", nargs=-1)
def author_nbgrader(folder: Path, notebooks: tuple[str, ...]) -> None:
    """Write the exercises as assignments for nbgrader.

    FOLDER becomes an nbgrader course; NOTEBOOKS picks some by name or number, such as 09_lazy_loading or 09.
    """
    try:
        from course_lib.authoring import export
    except ImportError as missing:
        raise _no_author_tools(missing) from missing
    written = export(folder, notebooks)
    click.echo(f"{len(written)} assignments are in {folder / 'source'}. In {folder}, go on with:")
    click.echo(f"  nbgrader generate_assignment {written[0].stem}")


def _no_author_tools(missing: ImportError) -> CourseError:
    return CourseError(
        f"The package {missing.name} is missing, so nothing was done. In the course's folder, run: make dev"
    )


if __name__ == "__main__":
    main()
