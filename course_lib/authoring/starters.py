"""Starters: what is left of a solution when nbgrader has taken the answers out."""

from __future__ import annotations

import copy

from nbformat import NotebookNode

from .normal import normalize

STUB = "return not_attempted"
SOLUTION_ONLY = "solution-only"


def starter(solution: NotebookNode) -> NotebookNode:
    """The exercise notebook for the notebook `solution`, without outputs.

    Regions between `### BEGIN SOLUTION` and `### END SOLUTION` become `return not_attempted`, regions of
    hidden tests vanish, and so do cells tagged `solution-only`. The same solution always gives the same
    starter.

    Raises RuntimeError (nbgrader's) for a region that is nested or has no end.
    https://nbgrader.readthedocs.io/en/stable/user_guide/creating_and_grading_assignments.html
    """
    # Imported here: nbgrader is heavy, and only building needs it.
    from nbgrader.preprocessors import (  # type: ignore[import-untyped]
        ClearHiddenTests,
        ClearSolutions,
    )

    result = copy.deepcopy(solution)
    result.cells = [cell for cell in result.cells if SOLUTION_ONLY not in cell.metadata.get("tags", [])]
    for cutter in (
        ClearSolutions(code_stub={"python": STUB}, enforce_metadata=False),
        ClearHiddenTests(enforce_metadata=False),
    ):
        result, _ = cutter.preprocess(result, {})
    return normalize(result, outputs=False)
