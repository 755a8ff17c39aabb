"""Mutants of lesson 19."""

from tests.mutants.harness import Mutant

MUTANTS = [
    Mutant(
        cell="ask(registration(Session)",
        old="(Late, Early)",
        new="(Early, Early)",
        why="the success that a late commit leaves behind",
    ),
    Mutant(
        cell="def interrupted(Session):",
        old="app.add_exception_handler(SQLAlchemyError, refuse_for_now)",
        new="app.add_exception_handler(IntegrityError, refuse_broken_rule)",
        why="the 503 for a lost connection",
    ),
    Mutant(
        cell="def order_and_mail(Session):",
        old='raise ConnectionError("the mail server is down")',
        new="pass",
        why="the task whose error rolls the order back",
    ),
    Mutant(
        cell="used.append(session)",
        old="session: Early",
        new="session: Late",
        why="the connection that a closed session takes again",
    ),
    Mutant(
        cell="def slow_shop(look):",
        old="if look:",
        new="if not look:",
        why="which endpoint goes on when its client is gone",
    ),
    Mutant(
        cell="limits = {",
        old='"lock_timeout": wait_for_a_lock',
        new='"statement_timeout ": wait_for_a_lock',
        why="the error of a lock that does not come",
    ),
    Mutant(
        cell="CONNECTION LIMIT",
        old="CONNECTION LIMIT 5",
        new="CONNECTION LIMIT 6",
        why="how many requests the server refuses",
    ),
    Mutant(
        cell="engine, other = make_engine(url), make_engine(url)",
        old="other.connect() as busy",
        new="engine.connect() as busy",
        why="the statement that the other connection has never heard of",
    ),
    Mutant(
        cell="no_cache = ",
        old="asyncpg.connection._uid = 0",
        new="asyncpg.connection._uid = 1000 * worker",
        why="two workers that count from the same number",
    ),
    Mutant(
        cell="kept = text(",
        old="discard=discard",
        new="discard=True",
        why="the names that pile up on the server",
    ),
    Mutant(
        cell="stars = make_engine",
        old="SELECT * FROM tags",
        new="SELECT id, name FROM tags",
        why="the statement that does not survive a new column",
    ),
]
