"""The lab in JupyterLab and Notebook 7, seen and used through a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import show
from tests.browser.live_jupyter import Console, Server, jupyter_server, open_notebook, run_all, write_notebook

pytestmark = pytest.mark.browser

REPOSITORY = Path(__file__).resolve().parents[2]
FUNCTIONS = """
import numpy as np
from init_utils import lab

def scaled(dims, scale):
    np.random.seed(3)
    return {key: value for l in range(1, len(dims)) for key, value in (
        (f"W{l}", np.random.randn(dims[l], dims[l - 1]) * scale(dims[l - 1])), (f"b{l}",
        np.zeros((dims[l], 1))))}

def initialize_parameters_zeros(layers_dims):
    return scaled(layers_dims, lambda n: 0.0)

def initialize_parameters_random(layers_dims):
    return scaled(layers_dims, lambda n: 10.0)

def initialize_parameters_he(layers_dims):
    return scaled(layers_dims, lambda n: (2 / n) ** 0.5)
"""
OPEN = "one = lab(initialize_parameters_zeros, initialize_parameters_random, initialize_parameters_he)\none"
LONG = "one = lab(initialize_parameters_he, iterations=1_000_000, pace=120.0)\none"
HE = "initialize_parameters_he"
BROKEN = """
def initialize_parameters_zeros(layers_dims):
    return {"W1": np.zeros((layers_dims[0], layers_dims[1])), "b1": np.zeros((layers_dims[1], 1))}
"""


def root(page: Page) -> Locator:
    return page.locator(".initlab")


def button(page: Page, name: str) -> Locator:
    return root(page).get_by_role("button", name=name, exact=True)


def setting(page: Page, label: str) -> Locator:
    """The control of this label, with the words opened that it stands behind."""
    control = root(page).get_by_label(label, exact=True)
    control.evaluate("node => { node.closest('details').open = true; }")
    return control


def open_tab(page: Page, name: str) -> None:
    root(page).get_by_role("tab", name=name, exact=True).click()


def wait_for(page: Page, status: str) -> None:
    expect(root(page)).to_have_attribute("data-status", status, timeout=30_000)


def picture(page: Page, run: int) -> str:
    """What the boundary of a run looks like, as a data address."""
    settle(page)
    return str(page.evaluate("run => document.querySelectorAll('.il-boundary')[run].toDataURL()", run))


def settle(page: Page) -> None:
    """Two animation frames: what was asked for is drawn."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def figures(page: Page, run: int) -> list[str]:
    settle(page)
    return root(page).locator(".il-run").nth(run).locator("dd").all_inner_texts()


def clock(page: Page) -> int:
    settle(page)
    return int(root(page).locator(".il-clock").inner_text().split(" of ")[0].replace(",", ""))


def scrub(page: Page, moment: int) -> None:
    slider = root(page).get_by_role("slider", name="Recorded moments")
    slider.evaluate(
        """(node, value) => {
          node.value = value;
          node.dispatchEvent(new Event('input', { bubbles: true }));
        }""",
        moment,
    )


def cells(page: Page) -> int:
    return int(page.evaluate("window.jupyterapp.shell.currentWidget.content.widgets.length"))


def ask_kernel(page: Page, expression: str) -> str:
    """The text of an expression's value in the notebook's kernel."""
    return str(
        page.evaluate(
            """async (code) => {
              const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
              let text = '';
              const asked = kernel.requestExecute({ code, store_history: false });
              asked.onIOPub = (message) => { text += message.content.text ?? message.content.evalue ?? ''; };
              await asked.done;
              return text.trim();
            }""",
            f"print(({expression}))",
        )
    )


def test_training_is_seen_scrubbed_paused_stepped_stopped_and_reset(opened: Callable[..., Page]) -> None:
    page = opened(FUNCTIONS, OPEN)
    start = [picture(page, run) for run in range(3)]
    start_figures = [figures(page, run) for run in range(3)]
    assert start_figures[0] == ["0.693", "50.0 %", "50.0 %"]
    assert [row[0] for row in start_figures] == ["0.693", "1,774", "0.883"]

    button(page, "Train").click()
    wait_for(page, "finished")
    assert clock(page) == 15_000
    assert [row[:3] for row in (figures(page, run) for run in range(3))] == [
        ["0.693", "50.0 %", "50.0 %"],
        ["0.381", "83.0 %", "86.0 %"],
        ["0.0648", "99.3 %", "96.0 %"],
    ]
    end = [picture(page, run) for run in range(3)]
    assert end[0] == start[0]
    assert end[1] != start[1]
    assert end[2] != start[2]

    scrub(page, 0)
    assert clock(page) == 0
    assert [picture(page, run) for run in range(3)] == start

    button(page, "Reset").click()
    wait_for(page, "ready")
    assert [picture(page, run) for run in range(3)] == start
    assert [figures(page, run) for run in range(3)] == start_figures

    button(page, "Step").click()
    wait_for(page, "paused")
    assert clock(page) == 1

    setting(page, "Shown in").select_option("60")
    button(page, "Go on").click()
    wait_for(page, "running")
    page.wait_for_function("parseInt(document.querySelector('.il-clock').innerText.replace(',', '')) > 30")
    button(page, "Pause").click()
    wait_for(page, "paused")
    held = clock(page)
    assert 30 < held < 15_000
    assert ask_kernel(page, "one.session.iteration") == str(held)

    button(page, "Go on").click()
    wait_for(page, "running")
    button(page, "Stop").click()
    wait_for(page, "stopped")
    assert clock(page) >= held


@pytest.mark.slow
def test_the_released_notebook_with_solutions_ends_with_a_lab_that_trains(
    lab_server: Server, browser_page: Page
) -> None:
    release = nbformat.read(REPOSITORY / "release/initialization/initialization.ipynb", as_version=4)
    source = nbformat.read(REPOSITORY / "source/initialization/initialization.ipynb", as_version=4)
    solutions = {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in source.cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution")
    }
    for cell in release.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id in solutions:
            cell.source = re.sub(r"### (BEGIN|END) SOLUTION", "", solutions[grade_id])
    notebook = lab_server.root / "released.ipynb"
    nbformat.write(release, notebook)
    show(browser_page, lab_server, notebook)
    browser_page.evaluate(
        """async () => {
          const { content } = window.jupyterapp.shell.currentWidget;
          await content.scrollToItem(content.widgets.findIndex(cell => cell.model.id === "lab"));
        }"""
    )
    last = root(browser_page).filter(has=browser_page.get_by_role("region", name="random", exact=True)).last
    expect(last.locator(".il-run")).to_have_count(3)
    last.get_by_role("button", name="Train", exact=True).click()
    expect(last).to_have_attribute("data-status", "finished", timeout=60_000)
    tests = [last.locator(".il-run").nth(run).locator("dd").nth(2) for run in range(3)]
    for figure, expected in zip(tests, ["50.0 %", "86.0 %", "96.0 %"], strict=True):
        expect(figure).to_have_text(expected)


@pytest.mark.slow
def test_go_on_follows_again_after_the_slider_was_moved_back(opened: Callable[..., Page]) -> None:
    page = opened(FUNCTIONS, LONG)
    button(page, "Train").click()
    wait_for(page, "running")
    page.wait_for_function("parseInt(document.querySelector('.il-clock').innerText.replace(',', '')) > 30")
    button(page, "Pause").click()
    wait_for(page, "paused")
    scrub(page, 0)
    held = clock(page)
    button(page, "Go on").click()
    page.wait_for_function(
        "held => parseInt(document.querySelector('.il-clock').innerText.replaceAll(',', '')) > held",
        arg=held,
    )
    button(page, "Stop").click()


@pytest.mark.slow
def test_two_labs_share_no_id_and_a_step_after_the_end_asks(opened: Callable[..., Page]) -> None:
    page = opened(FUNCTIONS, f"display(lab({HE}, iterations=20))\nlab({HE}, iterations=20)")
    expect(root(page)).to_have_count(2)
    ids = page.evaluate("[...document.querySelectorAll('.initlab [id]')].map((node) => node.id)")
    assert len(ids) == len(set(ids)) > 20
    first = root(page).first
    first.get_by_role("button", name="Train", exact=True).click()
    expect(first).to_have_attribute("data-status", "finished", timeout=30_000)
    first.get_by_role("button", name="Step", exact=True).click()
    expect(first.get_by_role("group", name="Start again?")).to_contain_text(
        "The training is over. A step starts again from iteration 0."
    )
    first.get_by_role("button", name="Keep it", exact=True).click()
    expect(first).to_have_attribute("data-status", "finished")
    first.get_by_role("button", name="Step", exact=True).click()
    first.get_by_role("button", name="Start again", exact=True).click()
    expect(first).to_have_attribute("data-status", "paused")


@pytest.mark.slow
def test_changing_the_data_starts_again_and_rewrites_the_line_of_python(opened: Callable[..., Page]) -> None:
    page = opened(FUNCTIONS, OPEN)
    start = picture(page, 2)
    setting(page, "Dataset").select_option("moons")
    expect(root(page).locator(".il-code")).to_contain_text("dataset='moons'")
    assert picture(page, 2) != start
    setting(page, "Hidden layers").fill("4, 3")
    setting(page, "Hidden layers").press("Enter")
    expect(root(page).locator(".il-code")).to_contain_text("hidden_layers=(4, 3)")
    assert ask_kernel(page, "one.dataset, one.hidden_layers, one.session.iteration") == "('moons', [4, 3], 0)"


@pytest.mark.slow
def test_a_value_that_cannot_be_is_said_beside_its_control(opened: Callable[..., Page]) -> None:
    page = opened(FUNCTIONS, OPEN)
    layers = setting(page, "Hidden layers")
    layers.fill("ten")
    layers.press("Enter")
    expect(layers).to_have_attribute("aria-invalid", "true")
    expect(root(page).get_by_text("up to 6 sizes of 1 to 64, as 10, 5")).to_be_visible()
    assert ask_kernel(page, "one.hidden_layers") == "[10, 5]"


@pytest.mark.slow
def test_a_trait_set_in_python_moves_the_control(opened: Callable[..., Page]) -> None:
    page = opened(FUNCTIONS, OPEN)
    ask_kernel(page, "setattr(one, 'learning_rate', 0.1)")
    expect(setting(page, "Learning rate")).to_have_value("0.1")


@pytest.mark.slow
def test_a_broken_function_has_its_column_and_the_others_train(opened: Callable[..., Page]) -> None:
    page = opened(FUNCTIONS, BROKEN, OPEN)
    column = root(page).locator(".il-run").nth(0)
    expect(column).to_contain_text("This function cannot be trained yet. W1 has shape (2, 10)")
    button(page, "Train").click()
    wait_for(page, "finished")
    assert figures(page, 2)[0] == "0.0648"


@pytest.mark.slow
def test_another_seed_draws_other_weights_and_an_empty_field_goes_back(opened: Callable[..., Page]) -> None:
    page = opened(FUNCTIONS, OPEN)
    start = figures(page, 2)[0]
    cost = root(page).locator(".il-run").nth(2).locator("dd").first
    setting(page, "Seed")
    button(page, "New seed").click()
    seed = setting(page, "Seed")
    expect(seed).not_to_have_value("")
    expect(cost).not_to_have_text(start)
    expect(root(page).locator("h3").nth(0)).to_contain_text("same for every seed")
    seed.fill("")
    seed.press("Enter")
    expect(cost).to_have_text(start)


@pytest.mark.slow
def test_the_keyboard_alone_trains_and_no_key_reaches_jupyterlab(opened: Callable[..., Page]) -> None:
    page = opened(FUNCTIONS, OPEN)
    count = cells(page)
    reached = set()
    button(page, "Train").focus()
    for _ in range(60):
        reached.add(page.evaluate("document.activeElement.outerHTML"))
        # Letters are commands of the notebook: insert, cut, delete a cell. Text fields keep them anyway.
        kind = str(page.evaluate("document.activeElement.type ?? ''"))
        if kind not in ("number", "text") and "select" not in kind:
            for key in ("a", "b", "x", "d", "d", "m", "j"):
                page.keyboard.press(key)
        page.keyboard.press("Tab")
        if not page.evaluate("!!document.activeElement.closest('.initlab')"):
            break
    enabled = page.evaluate(
        """() => {
          const kinds = "button, input, select, summary, [tabindex='0']";
          const reached = [...document.querySelectorAll(`.initlab :is(${kinds})`)]
            .filter((node) => !node.disabled && node.checkVisibility() && node.tabIndex >= 0);
          const groups = new Set(reached.filter(({ type }) => type === "radio").map(({ name }) => name));
          return reached.filter(({ type }) => type !== "radio").length + groups.size;
        }"""
    )
    assert len(reached) == enabled
    assert cells(page) == count
    assert page.evaluate("window.jupyterapp.shell.currentWidget.content.activeCell.model.type") == "code"
    button(page, "Train").focus()
    page.keyboard.press("Enter")
    wait_for(page, "finished")
    slider = root(page).get_by_role("slider", name="Recorded moments")
    slider.focus()
    page.keyboard.press("Home")
    assert clock(page) == 0
    page.keyboard.press("ArrowRight")
    assert clock(page) == 1
    assert slider.get_attribute("aria-valuetext") == "iteration 1"
    assert cells(page) == count


@pytest.mark.slow
def test_every_control_and_picture_has_a_name(opened: Callable[..., Page]) -> None:
    page = opened(FUNCTIONS, OPEN)
    nameless = page.evaluate(
        """() => {
          const kinds = 'button, input, select, canvas:not([aria-hidden]), [tabindex]';
          const named = (node) => node.labels?.length || node.getAttribute('aria-label');
          return [...document.querySelectorAll(`.initlab :is(${kinds})`)]
            .filter((node) => !named(node))
            .filter((node) => node.tagName !== 'BUTTON' || !node.textContent.trim())
            .map((node) => node.outerHTML);
        }"""
    )
    assert nameless == []
    for name in (
        "^he: decision boundary .* on their right side",
        "^zeros: gradient norms .* layer 1 exactly 0",
    ):
        expect(root(page).get_by_role("img", name=re.compile(name))).to_have_count(1)
    status = root(page).locator(".il-status")
    expect(status).to_have_text("Ready to train")
    button(page, "Train").click()
    wait_for(page, "finished")
    expect(status).to_contain_text("Finished: zeros cost 0.693, test 50.0 %; random cost 0.381")


@pytest.mark.slow
def test_hovering_the_cost_names_iteration_and_cost(opened: Callable[..., Page]) -> None:
    page = opened(FUNCTIONS, OPEN)
    button(page, "Train").click()
    wait_for(page, "finished")
    chart = root(page).get_by_role("img", name=re.compile("^Cost of every run"))
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 60)
    page.wait_for_function("document.querySelector('.il-cost canvas').dataset.readout")
    readout = chart.get_attribute("data-readout")
    assert re.fullmatch(r"iteration [\d,]+; zeros: 0\.693; random: 0\.\d+; he: 0\.\d+", str(readout))


@pytest.mark.slow
def test_picture_and_curves_can_be_saved(opened: Callable[..., Page], tmp_path: Path) -> None:
    page = opened(FUNCTIONS, OPEN)
    open_tab(page, "Python")
    with page.expect_download() as picture_download:
        button(page, "Save PNG").click()
    picture_download.value.save_as(tmp_path / "lab.png")
    assert (tmp_path / "lab.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert (tmp_path / "lab.png").stat().st_size > 50_000
    with page.expect_download() as curves_download:
        button(page, "Save CSV").click()
    curves_download.value.save_as(tmp_path / "lab.csv")
    assert (tmp_path / "lab.csv").read_text().splitlines()[1].startswith("zeros,0,0.693147")


@pytest.mark.slow
def test_seeds_are_compared_and_told_in_words(opened: Callable[..., Page]) -> None:
    page = opened(FUNCTIONS, OPEN.replace("he)", "he, iterations=200, strip_seeds=4)"))
    open_tab(page, "Seeds")
    button(page, "Compare seeds").click()
    note = root(page).get_by_role("tabpanel", name="Seeds", exact=True).locator(".il-seed-bar .il-note")
    expect(note).to_contain_text("9 of 9 trainings", timeout=30_000)
    strip = root(page).get_by_role("img", name=re.compile("^Results over seeds. zeros: median cost 0.693"))
    expect(strip).to_be_visible()
    wait_for(page, "ready")


@pytest.mark.slow
def test_a_second_view_shows_the_frames_that_went_by(opened: Callable[..., Page]) -> None:
    page = opened(FUNCTIONS, OPEN)
    button(page, "Train").click()
    wait_for(page, "finished")
    page.evaluate("window.jupyterapp.commands.execute('notebook:insert-cell-below')")
    page.evaluate(
        "window.jupyterapp.shell.currentWidget.content.activeCell.model.sharedModel.setSource('one')"
    )
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-cell')")
    expect(root(page)).to_have_count(2)
    page.wait_for_function(
        "[...document.querySelectorAll('.il-clock')].every((node) => node.innerText.startsWith('15,000'))"
    )


@pytest.mark.slow
@pytest.mark.parametrize("width", [1500, 760, 420, 390])
def test_nothing_is_cut_off_at_any_width(browser: Browser, lab_server: Server, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 1000})
    page = context.new_page()
    console = Console()
    console.watch(page)
    notebook = write_notebook(lab_server.root / f"width-{width}.ipynb", FUNCTIONS, OPEN)
    show(page, lab_server, notebook)
    settle(page)
    overflowing = page.evaluate(
        """() => [...document.querySelectorAll('.initlab, .initlab *')].filter((node) =>
          node.scrollWidth > node.clientWidth + 1 && getComputedStyle(node).overflowX === 'visible'
          && getComputedStyle(node).display !== 'inline').map((node) => node.className)"""
    )
    assert overflowing == []
    assert console.errors == []
    context.close()


@pytest.mark.slow
def test_the_dark_theme_is_followed(opened: Callable[..., Page]) -> None:
    page = opened(FUNCTIONS, OPEN)
    expect(root(page)).to_have_attribute("data-theme", "light")
    page.evaluate("window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})")
    expect(root(page)).to_have_attribute("data-theme", "dark")


@pytest.mark.slow
def test_stopping_a_long_training_is_felt_at_once(opened: Callable[..., Page]) -> None:
    page = opened(FUNCTIONS, LONG)
    button(page, "Train").click()
    wait_for(page, "running")
    page.wait_for_function("document.querySelector('.il-clock').innerText[0] !== '0'")
    button(page, "Stop").click()
    wait_for(page, "stopped")
    stopped = ask_kernel(page, "one.session.iteration")
    assert ask_kernel(page, "one.session.iteration, one._driver.running") == f"({stopped}, False)"


@pytest.mark.slow
def test_the_lab_works_in_notebook_7(browser_page: Page, console: Console, tmp_path: Path) -> None:
    console.expected.append("reading 'schema'")  # of Notebook's settings, on pages without a lab as well
    write_notebook(tmp_path / "seven.ipynb", FUNCTIONS, OPEN)
    with jupyter_server(tmp_path, app="notebook") as server:
        open_notebook(browser_page, server.notebook_url("seven.ipynb"))
        run_all(browser_page)
        browser_page.wait_for_selector(".initlab canvas", timeout=30_000)
        button(browser_page, "Train").click()
        wait_for(browser_page, "finished")
        assert figures(browser_page, 2)[0] == "0.0648"
        count = cells(browser_page)
        button(browser_page, "Reset").focus()
        browser_page.keyboard.press("b")
        assert cells(browser_page) == count
        browser_page.goto("about:blank")  # before its server goes
