"""Mutants of lesson 17."""

from tests.mutants.harness import Mutant

MUTANTS = [
    Mutant(
        cell="async def buy(session):",
        old="product.stock -= 1",
        new="product.stock = Product.stock - 1",
        why="the update that is lost",
    ),
    Mutant(
        cell="def take_one(product_id):",
        old="where(*enough)",
        new="where(enough[0])",
        why="the condition that keeps the stock from falling below zero",
    ),
    Mutant(
        cell="Anna's rows:",
        old="await anna.commit()",
        new="await anna.rollback()",
        why="the condition that is looked at again after the wait",
    ),
    Mutant(
        cell="the session's:",
        old="await sold(db.sessions, 1)",
        new="pass",
        why="the number that the session works out by itself",
    ),
    Mutant(
        cell='print("the same object:"',
        old=".with_for_update()",
        new=".with_for_update().execution_options(populate_existing=True)",
        why="an object that keeps its old values under the lock",
    ),
    Mutant(
        cell="async def swap(sessions, back, out):",
        old="change(out, -1)",
        new="change(back, -1)",
        why="the deadlock of two who each want the other's row",
    ),
    Mutant(
        cell="free = select(Order.id)",
        old="with_for_update(skip_locked=True)",
        new="with_for_update(read=True)",
        why="a row that somebody holds is passed over, on PostgreSQL",
    ),
    Mutant(
        cell="class Page(Base):",
        old='{"version_id_col": version}',
        new="{}",
        why="the version that notices the other change",
    ),
    Mutant(
        cell="strict = pg.engine.execution_options(",
        old="SERIALIZABLE",
        new="READ COMMITTED",
        why="the refusal of a transaction that lost a race",
    ),
    Mutant(
        cell="in_transaction(db.sessions, buy",
        old='isolation="SERIALIZABLE"',
        new="attempts=1",
        why="the second attempt",
    ),
]
