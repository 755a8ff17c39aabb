"""Mutants of lesson 13."""

from tests.mutants.harness import Mutant

MUTANTS = [
    Mutant(
        cell="found = await users.get_many([3, 1, 3, 999])",
        old="users = RecipeWithGetMany(session, User)",
        new="users = Repository(session, User)",
        why="the mended class in place of the recipe's",
    ),
    Mutant(
        cell="many = await users.get_many(range(1, 40_001))",
        old="range(1, 40_001)",
        new="range(1, 30_001)",
        why="one batch less",
    ),
    Mutant(
        cell="async def create(self, **values)",
        old="        self.session.add(item)\n        await self.session.flush()",
        new="        async with self.session.begin_nested():\n            self.session.add(item)",
        why="the recipe's create, mended",
    ),
    Mutant(
        cell="async with session.begin_nested():",
        old="async with session.begin_nested():",
        new="async with session.no_autoflush:",
        why="no savepoint",
    ),
    Mutant(
        cell='await users.update(user, emial="lukasz@example.com")',
        old="emial=",
        new="email=",
        why="a name without a typo",
    ),
    Mutant(
        cell="await RecipeWithUpdate(session, Tag).update(tag, id=99)",
        old="id=99",
        new='name="skiffle and more"',
        why="a column that may be changed",
    ),
    Mutant(
        cell="await Repository(session, User).delete(user)",
        old="await Repository(session, User).delete(user)",
        new="await session.delete(user)",
        why="the recipe's delete twice",
    ),
    Mutant(
        cell="async def best_customers(session)",
        old="spent.desc()",
        new="spent",
        why="the worst customers",
    ),
]
