"""The surroundings of a kernel in a lane: strict about warnings, deaf to the reader's own settings."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

# IPython runs this file in the kernel before the first cell. It leaves no name behind: a name left here would
# hide a missing import in a lesson. PYTHONWARNINGS cannot do this, for it is read before packages can be
# imported.
STARTUP = """\
def _strict():
    import logging
    import warnings

    from sqlalchemy.exc import SAWarning

    warnings.filterwarnings("error", category=SAWarning)
    warnings.filterwarnings("error", category=RuntimeWarning)
    # asyncio's debug mode reports callbacks above 100 ms. A loaded machine would make such a report appear at
    # random.
    logging.getLogger("asyncio").addFilter(lambda record: not record.getMessage().startswith("Executing "))


_strict()
del _strict
"""


def strict_environment(folder: Path, backend: Literal["sqlite", "postgresql"] = "sqlite") -> dict[str, str]:
    """Environment variables for a kernel whose lesson must hold without a warning.

    `folder` becomes the kernel's own IPython folder (created and filled), so that the settings of whoever
    runs the lane play no part. SAWarning and RuntimeWarning are errors, asyncio runs in debug mode, `backend`
    is the default backend, and nothing is written to the reader's progress.

    Raises OSError where `folder` cannot be written.
    https://docs.python.org/3/library/asyncio-dev.html#debug-mode
    """
    startup = folder / "profile_default" / "startup"
    startup.mkdir(parents=True, exist_ok=True)
    (startup / "00-strict.py").write_text(STARTUP, encoding="utf-8")
    return {
        "COURSE_BACKEND": backend,
        "COURSE_PROGRESS": "off",
        "IPYTHONDIR": str(folder),
        "PYTHONASYNCIODEBUG": "1",
    }
