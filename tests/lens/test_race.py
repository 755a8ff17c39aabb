"""Ways of doing the same work, compared as ratios: figures are drawn, and never in the text."""

from __future__ import annotations

import asyncio
import re

import pytest

from course_lib.lens import Race, race, side_by_side
from course_lib.lens.markup import VARYING


def raced(**laps: list[float]) -> Race:
    """A race that took these seconds."""
    return Race(laps={name.replace("_", " "): list(seconds) for name, seconds in laps.items()})


def test_medians_decide() -> None:
    runs = raced(add_all=[4.0, 3.0, 90.0], insert=[1.0, 0.5, 2.0])
    assert runs.ratios == {"add all": 4.0, "insert": 1.0}
    assert runs.fastest == "insert" and runs.times_slower("add all") == 4.0
    assert runs.words == "insert 1.0 x (fastest); add all 4.0 x"
    with pytest.raises(KeyError):
        runs.times_slower("copy")


async def test_lanes_take_blocks_with_and_without_awaits() -> None:
    runs = race()
    for _ in range(3):
        with runs.lane("sync"):
            pass
        with runs.lane("async"):
            await asyncio.sleep(0.01)
    assert list(runs.laps) == ["sync", "async"] and len(runs.laps["async"]) == 3
    assert runs.fastest == "sync" and runs.times_slower("async", against="sync") > 1
    with pytest.raises(ZeroDivisionError), runs.lane("sync"):
        raise ZeroDivisionError
    assert len(runs.laps["sync"]) == 3, "a round that raises does not count"


def test_the_text_names_lanes_in_the_order_of_the_code_and_holds_no_figure_that_varies() -> None:
    one, two = raced(slow=[3.0, 3.0], fast=[1.0, 1.1]), raced(slow=[1.0, 1.0], fast=[2.0, 2.5])
    assert repr(one) == repr(two)
    assert repr(one).splitlines() == [
        "a race of 2 ways, 2 rounds each; the ratios vary (picture, `.words`)",
        "  slow",
        "  fast",
    ]
    assert "one round each" in repr(raced(a=[1.0], b=[2.0]))
    assert "rounds: 2 of a, 1 of b;" in repr(raced(a=[1.0, 1.0], b=[2.0]))
    assert repr(race()) == "a race in which nothing has run yet"


def test_the_picture_has_words_and_what_varies_is_marked() -> None:
    one, two = raced(slow=[3.4, 3.5], fast=[1.0, 1.0]), raced(slow=[90.0], fast=[2.0])
    page = one._repr_html_()
    assert "<title>" in page and "<desc>fast 1.0 x (fastest); slow 3.5 x (2 rounds each)</desc>" in page
    assert " id=" not in page and "<script" not in page
    assert page.count("<rect") == 2 and page.count("stroke=") == 4, "two bars, four rounds"
    assert VARYING.sub("", page) == VARYING.sub("", two._repr_html_()) != page
    assert not re.search(r"\d x", VARYING.sub("", page))
    together, again = side_by_side(one=one, two=two), side_by_side(one=two, two=one)
    assert VARYING.sub("", together._repr_html_()) == VARYING.sub("", again._repr_html_())


def test_names_are_escaped_and_nothing_yet_can_be_drawn() -> None:
    page = Race(laps={"<b>": [1.0]})._repr_html_()
    assert "<b>" not in page and "&lt;b&gt;" in page
    assert "Nothing has run yet" in race()._repr_html_()
    with pytest.raises(ValueError, match="nothing has been raced yet"):
        _ = race().fastest
    assert Race(laps={"a": [0.0], "b": [0.0]}).ratios == {"a": 1.0, "b": 1.0}, "a clock too coarse to tell"


def test_lanes_may_handle_different_numbers_of_rows() -> None:
    runs = race("orders")
    with runs.lane("few", 10):
        pass
    with runs.lane("many", 1_000):
        pass
    runs.laps.update(few=[0.5], many=[0.1])
    assert runs.ratios == {"few": 5.0, "many": 1.0}
    assert "for the same number of orders" in runs._repr_html_()
    with pytest.raises(ValueError, match="has no count"), runs.lane("other"):
        pass
    with pytest.raises(ValueError, match="at least one"), runs.lane("none", 0):
        pass
    plain = race()
    with plain.lane("a"):
        pass
    with pytest.raises(ValueError, match="has a count"), plain.lane("b", 2):
        pass
    assert list(plain.laps) == ["a"]


def test_large_ratios_are_short_and_their_bars_are_cut() -> None:
    runs = raced(a=[1.0], b=[12.4], c=[1240.0])
    assert runs.words == "a 1.0 x (fastest); b 12 x; c 1,200 x"
    page = runs._repr_html_()
    assert page.count("<rect") == 4 and "1,200 x (bar cut short)" in page, "a bar in two pieces"
