"""The ledger: all trials run, on both backends, and a verdict follows from what was found."""

import json
from typing import Any

import pytest
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import NullPool

from course_lib.paths import CourseError
from course_lib.patterns import Repository, make_engine
from course_lib.sandbox import BACKENDS, Backend
from course_lib.trials import Finding, Ledger, compare, found_on_2_0, overall, run_trials, trial, trials
from course_lib.trials import engine as engine_trials
from course_lib.trials import models as model_trials
from course_lib.trials import repositories as repository_trials
from course_lib.trials.recipe import recipe_models

NAMES = [one.name for one in trials()]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", [one.name for one in trials() if one.experiment])
async def test_a_trial_gives_a_finding_where_it_applies(name: str, backend: Backend) -> None:
    found = await trial(name).run(backend)
    assert (found is not None) == (backend in trial(name).backends)
    if found is not None:
        assert found.saw
        assert "0x" not in found.saw


def test_names_are_unique_and_claims_are_sentences() -> None:
    assert len(NAMES) == len(set(NAMES))
    for one in trials():
        assert one.claim.endswith(".")
        assert bool(one.experiment) != bool(one.read), one.name


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (Finding(False, "", ("but",), current=False), "false"),
        (Finding(True, "", ("but",), current=False), "true but incomplete"),
        (Finding(True, "", (), current=False), "outdated"),
        (Finding(True, ""), "true"),
    ],
)
def test_a_verdict_follows_from_the_finding(found: Finding, verdict: str) -> None:
    assert found.verdict == verdict


def test_backends_that_disagree_make_a_claim_incomplete() -> None:
    yes, no = Finding(True, ""), Finding(False, "")
    assert overall({"sqlite": yes, "postgresql": no}) == "true but incomplete"
    assert overall({"sqlite": no, "postgresql": no}) == "false"
    assert overall({"sqlite": None, "postgresql": no}) == "false"
    assert overall({"sqlite": None, "postgresql": None}) is None


# Experiments can end otherwise: with what the course teaches in place of the recipe, the verdict turns.


class Mended:
    """The course's repository under the recipe's method names."""

    def __init__(self, session: Any, model: type[DeclarativeBase]) -> None:
        self.own = Repository(session, model)

    async def get_many(self, keys: Any) -> list[Any]:
        return list(await self.own.get_many(keys))

    async def create(self, **values: Any) -> Any:
        return await self.own.create(**values)


async def test_a_mended_repository_turns_its_verdicts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repository_trials, "RecipeRepository", Mended)
    names = ["repository-for-any-model", "get-many-gives-what-is-asked", "create-adds"]
    ledger = await run_trials(names)
    assert [ledger[name].verdict for name in names] == ["true"] * 3, ledger.to_dict()


async def test_mended_models_turn_their_verdicts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_trials, "recipe_models", lambda mended: recipe_models(mended=True))
    ledger = await run_trials(["aware-default-time", "order-inserts-as-declared"])
    assert ledger["order-inserts-as-declared"].verdict == "true"
    # DateTime(timezone=True) settles it on PostgreSQL, and not on SQLite.
    assert ledger["aware-default-time"].verdict == "true but incomplete"


async def test_without_a_pool_one_engine_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_trials, "make_engine", lambda url: make_engine(url, poolclass=NullPool))
    assert (await run_trials(["one-engine"]))["one-engine"].verdict == "true"


# What surrounds the experiments


async def test_an_unknown_name_is_refused_and_the_known_are_told() -> None:
    with pytest.raises(CourseError, match=r"no trial 'nothing'.*loads-in-one-query"):
        await run_trials(["nothing"])


@pytest.fixture
async def small() -> Ledger:
    return await run_trials(["loads-in-one-query", "get-by-key", "imports-of-today"], ["sqlite"])


async def test_the_ledger_is_shown_as_text_table_and_data(small: Ledger) -> None:
    assert repr(small).splitlines()[0] == "3 claims: 1 true, 1 false, 1 by reading"
    html = small._repr_html_()
    assert "<caption>3 claims" in html
    assert html.count("<tr>") == 4
    told = json.loads(json.dumps(small.to_dict()))
    assert told["trials"]["loads-in-one-query"]["sqlite"]["verdict"] == "false"
    assert told["trials"]["imports-of-today"]["sqlite"] is None


async def test_own_verdicts_are_compared(small: Ledger) -> None:
    compared = compare({"loads-in-one-query": "true", "get-by-key": "true", "imports-of-today": ""}, small)
    assert repr(compared).startswith("1 of your 2 verdicts as computed, 1 still yours to say\n")
    assert "imports-of-today" not in repr(compared) + compared._repr_html_()
    assert repr(compare({"get-by-key": ""}, small)) == "No verdict yet, 1 still yours to say"
    assert "No verdict yet" in compare({"get-by-key": ""}, small)._repr_html_()
    assert "you true, computed false -> lesson 09, step 4" in repr(compared)
    assert "look again: lesson 09, step 4" in compared._repr_html_()
    with pytest.raises(CourseError, match="'maybe' is no verdict"):
        compare({"get-by-key": "maybe"}, small)
    with pytest.raises(CourseError, match="no trial 'one-engine' in this ledger"):
        compare({"one-engine": "true"}, small)


def test_the_file_of_2_0_is_about_the_same_trials() -> None:
    kept = found_on_2_0()
    assert kept["sqlalchemy"].startswith("2.0.")
    assert list(kept["trials"]) == NAMES
