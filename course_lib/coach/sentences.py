"""What a reader is told about a process that gave no report, and about an answer that is none yet.

Each says what happened, what it means and what to do.
"""

from __future__ import annotations

from course_lib.coach.exercise import Exercise
from course_lib.coach.limits import last_line, stuck_at


def out_of_time(exercise: Exercise, late: bool, where: str, output: str) -> str:
    """The limit was met: on the clock (late), or on computing time."""
    if late:
        return (
            f"It was not done after {exercise.seconds:g} seconds{where}. It may wait for something "
            "that never comes, such as a lock or a connection that somebody keeps, or sleep too long. Look "
            "at what it awaits last."
        )
    place = stuck_at(output)
    return (
        f"It used more than {exercise.seconds / 10:g} seconds of computing time{where}"
        + (f", and was at {place}" if place else "")
        + ". The task needs a small part of that: look for a loop that does not end."
    )


def died(status: int, where: str) -> str:
    """The process ended while the answer had its turn."""
    return (
        f"The process of the answer ended {_how(status)} before the check was done{where}. Something in it "
        "ended Python: `os._exit`, or memory that ran out. Return a value instead."
    )


def never_started(exercise: Exercise, late: bool, status: int, output: str) -> str:
    """The process ended, or hung, before the answer had its turn: nothing the answer could have done."""
    how = f"did not begin within {exercise.seconds:g} seconds" if late else f"ended {_how(status)}"
    said = last_line(output)
    return (
        f"{exercise.name} was not judged. The process that was to run the answer {how}, before the answer's "
        f"turn came{f' ({said})' if said else ''}. The fault is not in your answer. Try again; in a "
        "notebook, restart the kernel first if the course was updated meanwhile. If it comes again, run: "
        "course doctor"
    )


def not_attempted(exercise: Exercise) -> str:
    """A starter as it was handed out."""
    return (
        f"Nothing to judge yet. Write {exercise.defines} in place of `return not_attempted`, run its "
        "cell, and check again."
    )


def _how(status: int) -> str:
    return f"with the exit code {status}" if status >= 0 else f"by the signal {-status}"
