"""The claims of the common recipe, each tried on real databases. Nobody typed a verdict.

- `trials()` lists them, `trial(name)` gives one, `await trial(name).run("postgresql")` runs it.
- `await run_trials()` runs all of them on both backends and gives the ledger, a table.
- `compare(mine, ledger)` holds your own verdicts against the computed ones.
"""

from course_lib.trials.ledger import (
    Comparison,
    Entry,
    Ledger,
    compare,
    found_on_2_0,
    run_trials,
    trial,
    trials,
)
from course_lib.trials.trial import VERDICTS, Finding, Trial, Verdict, overall

__all__ = [
    "VERDICTS",
    "Comparison",
    "Entry",
    "Finding",
    "Ledger",
    "Trial",
    "Verdict",
    "compare",
    "found_on_2_0",
    "overall",
    "run_trials",
    "trial",
    "trials",
]
