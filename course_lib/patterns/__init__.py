"""Production patterns for async SQLAlchemy, written to be copied into your own work.

Each module needs SQLAlchemy and a driver, and nothing else of this course:

* ``engine``: one engine per event loop, with SQLite brought in line with PostgreSQL,
* ``session``: the session factory,
* ``models``: a declarative base with names for every constraint, and a time type that stays aware,
* ``loading``: loaders that say what they load.
"""

from course_lib.patterns.engine import make_engine
from course_lib.patterns.loading import fill_in, with_exactly
from course_lib.patterns.models import NAMING_CONVENTION, Base, UtcDateTime
from course_lib.patterns.session import make_session_factory

__all__ = [
    "NAMING_CONVENTION",
    "Base",
    "UtcDateTime",
    "fill_in",
    "make_engine",
    "make_session_factory",
    "with_exactly",
]
