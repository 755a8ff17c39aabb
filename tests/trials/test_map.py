"""Nothing of the common recipe is missing: each part has a trial, a step, an exercise, a counterpart."""

import json
from pathlib import Path

import pytest

from course_lib import patterns
from course_lib.coach import catalogue
from course_lib.paths import course_root
from course_lib.patterns import web
from course_lib.trials import Trial, trials

PARTS = {
    "sample": ("engine", "models", "imports"),
    "function": (
        "get_db",
        "get_user",
        "get_user_with_orders",
        "get_users_with_orders",
        "bulk_insert_users",
        "bulk_insert_chunked",
        "get_dashboard_data",
        "get_data_from_multiple_users",
    ),
    "class": ("AsyncRepository",),
    "method": ("get", "get_many", "create", "update", "delete"),
    "decision": (
        "Session scope",
        "Scoped sessions",
        "Lazy loading",
        "Eager loading",
        "expire_on_commit",
        "Connection pool",
        "Bulk inserts",
    ),
    "anti-pattern": (
        "shared session",
        "synchronous Session",
        "lazy relationship",
        "scoped_session",
        "unclosed session",
        "no pre-ping",
    ),
}
NAMED = {f"{kind} {name}" for kind, names in PARTS.items() for name in names}


def test_every_part_of_the_recipe_is_tried_and_nothing_else() -> None:
    assert {part for one in trials() for part in one.about} == NAMED


def steps() -> set[str]:
    found = set()
    for lesson in {entry["starter"]: entry for entry in catalogue()}.values():
        book = json.loads((course_root() / "notebooks" / Path(lesson["starter"]).name).read_text("utf-8"))
        titles = [line for cell in book["cells"] for line in cell["source"][:1]]
        number = sum(title.startswith("## Step ") for title in titles)
        found |= {f"{lesson['id'].partition('/')[0]}/{step}" for step in range(1, number + 1)}
    return found


@pytest.mark.parametrize("one", trials(), ids=lambda one: one.name)
def test_a_trial_leads_to_a_step_an_exercise_and_a_pattern(one: Trial) -> None:
    assert one.step in steps()
    assert one.exercise in {entry["id"] for entry in catalogue()}
    room = web if one.pattern.startswith("web.") else patterns
    assert hasattr(room, one.pattern.removeprefix("web."))
