"""Changes to lesson 20 that strict nbval must not let pass."""

from tests.mutants.harness import Mutant

MUTANTS = [
    Mutant(
        cell='one = trial("loads-in-one-query")',
        old="loads-in-one-query",
        new="get-by-key",
        why="which claim is shown with its experiment",
    ),
    Mutant(
        cell='print("holds:", found.holds)',
        old='print("verdict:", found.verdict)',
        new='print("verdict:", Finding(True, found.saw).verdict)',
        why="that the verdict follows from the finding",
    ),
    Mutant(
        cell='yes, no = Finding(True, "it came true")',
        old=', ("not with an empty list",)',
        new="",
        why="that a counterexample makes a claim incomplete",
    ),
    Mutant(
        cell="ledger = await run_trials(",
        old="run_trials(backends=backends",
        new="run_trials(backends=backends[:1]",
        why="that two databases judge",
    ),
    Mutant(
        cell="pairs = [(name, place)",
        old='now[name][place]["saw"] != then',
        new='now[name][place]["saw"] == then',
        why="what differs between the versions",
    ),
    Mutant(
        cell="if len(set(verdicts.values())) > 1:",
        old="> 1",
        new="> 2",
        why="where the databases part",
    ),
    Mutant(
        cell="async def count_by_len(db):",
        old="if sql.rows > 1",
        new="if sql.rows > 7",
        why="that the counterexample is seen",
    ),
]
