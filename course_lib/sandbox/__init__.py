"""A private, filled, disposable database on SQLite or on a real PostgreSQL, in milliseconds.

In a notebook: ``db = await fresh(users=100)``, then ``db.engine`` and ``db.sessions``. In code that ends:
``async with open_sandbox("postgresql", users=7) as db:``. Where only a URL is wanted: ``await lease(...)``.
``async with serve(app) as url:`` runs a web application for the length of a block, and
``async with pgbouncer(db.url) as url:`` a PgBouncer before a PostgreSQL database.
The server behind PostgreSQL is the course's own, started when first needed, unless ``COURSE_DATABASE_URL``
names another.
"""

from course_lib.sandbox import server
from course_lib.sandbox.boxes import Sandbox, fresh, fresh_or_say, open_sandbox
from course_lib.sandbox.errors import BackendUnavailable
from course_lib.sandbox.leases import BACKENDS, Backend, Lease, default_backend, lease
from course_lib.sandbox.pooler import pgbouncer, pgbouncer_or_say, pgbouncer_version
from course_lib.sandbox.server import Readiness, prepare, readiness
from course_lib.sandbox.web import serve

__all__ = [
    "BACKENDS",
    "Backend",
    "BackendUnavailable",
    "Lease",
    "Readiness",
    "Sandbox",
    "default_backend",
    "fresh",
    "fresh_or_say",
    "lease",
    "open_sandbox",
    "pgbouncer",
    "pgbouncer_or_say",
    "pgbouncer_version",
    "prepare",
    "readiness",
    "serve",
    "server",
]
