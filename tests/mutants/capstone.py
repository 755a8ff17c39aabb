"""Mutants of lesson 21."""

from tests.mutants.harness import Mutant

MUTANTS = [
    Mutant(
        cell='print("equal to an earlier one:"',
        old="Counter(order[1:] for",
        new="Counter(order for",
        why="what tells two equal orders apart",
    ),
    Mutant(
        cell="for source in (old_system(4000, hangs_up_after=2500)",
        old="hangs_up_after=2500",
        new="hangs_up_after=900",
        why="how much of a broken import stays",
    ),
    Mutant(
        cell="QUIETLY = text",
        old="await connection.execute(INSERT, list(orders(40)))",
        new="await connection.execute(INSERT, list(orders(30)))",
        why="how many of the orders are new",
    ),
    Mutant(
        cell="async def dashboard_of_today",
        old="SELECT id FROM customers",
        new="SELECT id FROM customers WHERE id < 100",
        why="a statement for each customer",
    ),
    Mutant(
        cell='print(f"{backend:10}  stored a code',
        old='"x" * 60',
        new='"x" * 40',
        why="the length that one backend enforces",
    ),
    Mutant(
        cell='print((await client.get("/customers")).status_code',
        old="        await kill_others(connection)\n",
        new="",
        why="the request that meets a dead connection",
    ),
    Mutant(
        cell='print("lost:"',
        old="                await kill_others(connection)\n",
        new="",
        why="what is stored when the connection is lost",
    ),
]
