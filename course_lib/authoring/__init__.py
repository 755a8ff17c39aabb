"""For those who write the course: starters from solutions, notebooks run and saved in one normal form.

Readers never need this room; it uses the `dev` extra (nbclient, nbgrader, nbval). The command is
`course author build [NAMES]`; `course author nbgrader FOLDER` hands the exercises over to nbgrader. The
same pieces serve the tests: `run` is the lane that reads every reply of the kernel, `nbval_guard` is the
pytest plugin that closes nbval's blind spots.

Pages it rests on: https://nbclient.readthedocs.io/en/latest/client.html and
https://nbgrader.readthedocs.io/en/stable/user_guide/creating_and_grading_assignments.html
"""

from .building import Report, build
from .grader import export
from .normal import normalize
from .running import NotebookRunError, run, waits_at_top_level
from .starters import starter
from .strict import strict_environment

__all__ = [
    "NotebookRunError",
    "Report",
    "build",
    "export",
    "normalize",
    "run",
    "starter",
    "strict_environment",
    "waits_at_top_level",
]
