"""The one error of this room, and the sentences for troubles that have several doors."""

import errno

from course_lib.paths import CourseError

NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) if hasattr(errno, "EDQUOT") else (errno.ENOSPC,)


class BackendUnavailable(CourseError):
    """A database cannot be had now: the message says what happened, what it means and what to do."""


def disk_full() -> BackendUnavailable:
    """Give the error for a disk without room, whoever noticed it."""
    return BackendUnavailable(
        "The disk is full. A practice database needs about 10 MB, the private PostgreSQL about 150 MB, "
        "and there was no room to write them. Free some space, or set COURSE_HOME to a folder on another "
        "disk (and TMPDIR, for SQLite's copies), and run the cell again."
    )


def means_disk_full(trouble: BaseException | str) -> bool:
    """Tell whether an exception, or the output of a program, speaks of a full disk."""
    if isinstance(trouble, OSError) and trouble.errno in NO_SPACE:
        return True
    text = str(trouble).lower()
    signs = ("no space left", "disk is full", "disk full", "file too large", "disk quota exceeded")
    return any(sign in text for sign in signs) or getattr(trouble, "sqlstate", None) == "53100"
