"""For every pytest run in this clone, also for plain `pytest --nbval notebooks solutions`."""

import os

import pytest

pytest_plugins = ["course_lib.authoring.nbval_guard"]

# No lane touches a reader's progress, and saved outputs are compared on the backend they were saved on.
os.environ["COURSE_PROGRESS"] = "off"
os.environ["COURSE_BACKEND"] = "sqlite"
# Hundreds of processes import the course: they compile it once, also where a container says otherwise.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_configure(config: pytest.Config) -> None:
    """Warnings are errors in the tests' own process as they are in the kernels."""
    for rule in ("error::RuntimeWarning", "error::sqlalchemy.exc.SAWarning"):
        config.addinivalue_line("filterwarnings", rule)
