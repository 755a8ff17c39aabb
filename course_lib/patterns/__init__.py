"""Production patterns for async SQLAlchemy, written to be copied into your own work.

Each module needs SQLAlchemy and a driver, and nothing else of this course:

* ``engine``: one engine per event loop, SQLite brought in line with PostgreSQL; an engine behind PgBouncer,
* ``session``: the session factory, and one transaction per use case,
* ``models``: a declarative base with names for every constraint, keys, and a time type that stays aware,
* ``cascades``: owners and what they own, deleted alike by the session and by the database,
* ``loading``: loaders that say what they load,
* ``bulk``: insert, upsert and COPY for any number of rows,
* ``chunks``: a load that commits per chunk, reports, and goes on after a failure,
* ``pages``: pages that begin behind a row, and not at a number,
* ``concurrency``: work on many items at a time, and a transaction tried again after a lost race,
* ``errors``: which failure is a lost race, which may pass, and which rule a refused row broke,
* ``repository``: a generic, typed repository,
* ``testing``: rolled-back transactions and makers of objects for tests.

Two modules need a library of their own, so nothing here imports them: ``fixtures`` turns ``testing`` into
pytest fixtures, and ``web`` gives a FastAPI application its engine and each request its session.
"""

from course_lib.patterns.bulk import copy_rows, insert_rows, upsert_rows
from course_lib.patterns.cascades import cascade_gaps, follow_delete, owned, owner_key
from course_lib.patterns.chunks import LoadConflict, LoadProgress, in_chunks, load, load_notes
from course_lib.patterns.concurrency import fan_out, in_transaction
from course_lib.patterns.engine import make_engine, make_pgbouncer_engine
from course_lib.patterns.errors import broken_rule, is_conflict, is_temporary
from course_lib.patterns.loading import fill_in, with_exactly
from course_lib.patterns.models import NAMING_CONVENTION, Base, BigKey, UtcDateTime, UuidKey, key_attributes
from course_lib.patterns.pages import keyset_page
from course_lib.patterns.repository import Repository
from course_lib.patterns.session import UnitOfWork, make_session_factory, unit_of_work
from course_lib.patterns.testing import Maker, rolled_back

__all__ = [
    "NAMING_CONVENTION",
    "Base",
    "BigKey",
    "LoadConflict",
    "LoadProgress",
    "Maker",
    "Repository",
    "UnitOfWork",
    "UtcDateTime",
    "UuidKey",
    "broken_rule",
    "cascade_gaps",
    "copy_rows",
    "fan_out",
    "fill_in",
    "follow_delete",
    "in_chunks",
    "in_transaction",
    "insert_rows",
    "is_conflict",
    "is_temporary",
    "key_attributes",
    "keyset_page",
    "load",
    "load_notes",
    "make_engine",
    "make_pgbouncer_engine",
    "make_session_factory",
    "owned",
    "owner_key",
    "rolled_back",
    "unit_of_work",
    "upsert_rows",
    "with_exactly",
]
