"""`course lab` in a real browser: a lesson from top to bottom, an exercise solved wrongly, then rightly, and
long work that is stopped by its button."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from course_lib.authoring import normalize
from tests.browser.lab import (
    Lab,
    code_cell,
    errors,
    find_browser,
    open_lab,
    open_notebook,
    replace_cell,
    run_all,
    save,
)
from tests.harness import ROOT, code, need, notebook, text, write
from tests.lens.test_progress_in_a_kernel import LOAD, PREPARE

LESSON = "notebooks/09_lazy_loading.ipynb"
EXERCISES = "exercises/09_lazy_loading.ipynb"
ANSWERS = ROOT / "tests" / "answers" / "lazy_loading" / "order_days"
STOP = "notebooks/stop.ipynb"
IMPORTS = "import asyncio"
LONG = notebook(
    text("# A long load"),
    code(IMPORTS, count=None),
    code(PREPARE.replace('    print("written", flush=True)\n', ""), count=None),
    code(LOAD, count=None),
    code("print('the next cell works')", count=None),
    code("hurry = True", count=None),
)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    need(find_browser() is not None, "the browser test", "It needs Chromium or Chrome.")
    with open_lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture(scope="module")
def page(lab: Lab) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.set_default_timeout(60_000)
        expect.set_options(timeout=60_000)
        yield page
        browser.close()


def test_the_lesson_runs_from_top_to_bottom(page: Page, lab: Lab) -> None:
    open_notebook(page, lab, LESSON)
    book = run_all(page, lab, LESSON)
    assert errors(book) == []
    promised = [cell for cell in book.cells if "raises-exception" in cell.metadata.get("tags", [])]
    assert promised and all(cell.outputs[-1].output_type == "error" for cell in promised)
    assert not lab.saved(EXERCISES).cells[1].outputs, "the exercises are untouched"


def test_widgets_are_drawn_and_answer(page: Page, lab: Lab) -> None:
    first = code_cell(page, "here.predict")
    first.scroll_into_view_if_needed()
    choice = first.locator(".jupyter-widgets button, .jupyter-widgets input[type=radio]").first
    expect(choice).to_be_visible()
    before = first.locator(".jp-OutputArea").inner_text()
    choice.click()
    expect(first.locator(".jp-OutputArea")).not_to_have_text(before)
    assert page.get_by_text("Error displaying widget").count() == 0
    assert page.get_by_text("Click to show javascript error").count() == 0


def test_an_exercise_solved_wrongly_then_rightly(page: Page, lab: Lab) -> None:
    open_notebook(page, lab, EXERCISES)
    book = run_all(page, lab, EXERCISES)
    assert errors(book) == []
    cell = code_cell(page, "await ex.order_days.check")
    expect(cell.locator(".jp-OutputArea")).to_contain_text("Not attempted")

    replace_cell(page, "async def order_days(", source("wrong_set.py"))
    expect(cell.locator(".jp-OutputArea")).to_contain_text("Not yet")
    replace_cell(page, "async def order_days(", source("right_query_the_days.py"))
    expect(cell.locator(".jp-OutputArea")).to_contain_text("Passed")
    assert errors(save(page, lab, EXERCISES)) == []


def source(name: str) -> str:
    return Path(ANSWERS / name).read_text(encoding="utf-8").rstrip() + "\n"


def test_progress_is_shown(lab: Lab) -> None:
    shown = json.loads(lab.course("progress", "--json"))
    assert [row["core_done"] for row in shown if row["lesson"] == "lazy-loading"] == [1], shown


def run_cell(page: Page, words: str) -> None:
    code_cell(page, words).locator(".cm-content").click()
    page.keyboard.press("Control+Enter")


def test_a_long_load_stops_at_its_button_and_goes_on(page: Page, lab: Lab) -> None:
    write(normalize(LONG), lab.clone / "work" / STOP)
    open_notebook(page, lab, STOP)
    for words in (IMPORTS, "async def stored"):
        run_cell(page, words)
    run_cell(page, 'progress("Loading"')
    cell = code_cell(page, 'progress("Loading"')
    stop = cell.get_by_role("button", name="Stop")
    expect(stop).to_be_enabled()
    expect(cell.get_by_text(re.compile(r"^[1-9][\d,]* of 20,000 rows$"))).to_be_visible()
    stop.click()
    output = cell.locator(".jp-OutputArea").first
    expect(output).to_contain_text(re.compile(r"Loading: stopped after [\d,]+ of 20,000 rows\. These"))
    expect(output).to_contain_text(re.compile(r"True \d+ True"))
    expect(cell.get_by_role("status")).to_contain_text("Run the cell again to go on.")
    run_cell(page, "the next cell works")
    expect(code_cell(page, "the next cell works").locator(".jp-OutputArea")).to_contain_text("the next cell")

    run_cell(page, "hurry = True")
    run_cell(page, 'progress("Loading"')
    expect(output).to_contain_text("Loading: finished, 20,000 of 20,000 rows,")
    expect(output).to_contain_text("False 20000 True")
    assert errors(save(page, lab, STOP)) == []
