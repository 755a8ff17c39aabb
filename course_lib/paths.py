"""Where the course lies, and where it may write: the two folders everything else asks for."""

import os
import stat
from pathlib import Path

import platformdirs

APP_NAME = "async-sqlalchemy-course"


class CourseError(Exception):
    """Something a reader can mend: the message says what happened, what it means and what to do."""


def course_root() -> Path:
    """Give the folder of the clone, the one that holds ``notebooks/`` and ``course_lib/``.

    Raises:
        CourseError: the package was installed away from its clone, so there are no lessons beside it.
    """
    root = Path(__file__).resolve().parent.parent
    if not (root / "notebooks").is_dir():
        raise CourseError(
            "The lessons were not found beside the package course_lib. "
            "It was installed as a copy, away from the folder you cloned. "
            "In the cloned folder, run: make lab"
        )
    return root


def data_home() -> Path:
    """Give the folder for the reader's progress, prepared databases and the private server.

    It is ``COURSE_HOME`` when that variable is set, else the place your system has for such data. It is
    created when missing, and then closed to other users.

    Raises:
        CourseError: it cannot be created or written to.

    Documentation: https://platformdirs.readthedocs.io/en/latest/
    """
    chosen = os.environ.get("COURSE_HOME")
    folder = Path(chosen).expanduser().absolute() if chosen else platformdirs.user_data_path(APP_NAME)
    try:
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(stat.S_IRWXU)
    except OSError as error:
        raise _no_home(error.strerror or type(error).__name__) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _no_home("it is read-only")
    return folder


def _no_home(reason: str) -> CourseError:
    return CourseError(
        f"The course's data folder cannot be used ({reason}). "
        "Without it there is nowhere to keep your progress and the practice databases. "
        "Set the environment variable COURSE_HOME to a folder you can write to, and try again."
    )
