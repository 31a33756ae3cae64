"""The lab as a widget: what crosses the wire, who is asked what, and what stays without a front end."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import numpy as np
import pytest
import traitlets
from nbclient import NotebookClient

from init_utils import lab as lab_module
from init_utils.lab import lab
from init_utils.lab.front_end import has_front_end
from init_utils.lab.widget import Lab
from tests.recorded_comms import open_widgets, record_comms

REPOSITORY = Path(__file__).resolve().parents[1]


def initialize_parameters_zeros(layers_dims):
    return scaled(layers_dims, 0.0)


def initialize_parameters_he(layers_dims):
    np.random.seed(3)
    return scaled(layers_dims, 1.0)


def scaled(dims, scale):
    return {
        key: value
        for layer in range(1, len(dims))
        for key, value in (
            (
                f"W{layer}",
                np.random.randn(dims[layer], dims[layer - 1]) * scale * (2 / dims[layer - 1]) ** 0.5,
            ),
            (f"b{layer}", np.zeros((dims[layer], 1))),
        )
    }


OWN = (initialize_parameters_zeros, initialize_parameters_he)


@pytest.fixture
def front_end(monkeypatch):
    """Widgets opened in the test talk to this list of comms."""
    return record_comms(monkeypatch)


@pytest.fixture
def live(front_end):
    """A lab with a front end, short, as fast as it goes."""
    widget = Lab(*OWN, live=True, iterations=300, pace=0.0)
    yield widget
    widget._driver.halt()


def updates(widget):
    """State updates sent so far: names of the traits in each."""
    return [
        (data["state"], buffers) for kind, data, buffers in widget.comm.sent if data.get("method") == "update"
    ]


def wait_for_end(widget):
    widget._driver._thread.join(30)
    assert not widget._driver.running


def test_the_package_and_the_function_are_both_callable():
    assert lab_module(*OWN).session.compare == lab(*OWN).session.compare == ["zeros", "he"]


def test_names_come_from_functions_keywords_and_the_built_in_ones():
    one = lab(initialize_parameters_zeros, mine=initialize_parameters_he)
    assert list(one.session.candidates) == ["zeros", "mine", "Xavier", "constant 0.5", "small 0.01"]
    assert one.code == "lab(initialize_parameters_zeros, mine=initialize_parameters_he)"


def test_without_functions_the_built_in_ones_are_compared():
    assert lab().compare == ["He", "Xavier", "constant 0.5", "small 0.01"]


@pytest.mark.parametrize(
    ("arguments", "options", "text"),
    [
        ((), {"learing_rate": 0.1}, "the lab has no setting 'learing_rate'; it has compare, dataset, noise"),
        ((3,), {}, "3 is not a function of layers_dims"),
        (
            (),
            {"dataset": "cirlces"},
            "dataset is 'cirlces'; expected one of circles, moons, xor, spirals, blobs",
        ),
        ((), {"hidden_layers": (0,)}, "hidden_layers is 0; expected a whole number from 1 to 64"),
        ((), {"iterations": 1.5}, "iterations is 1.5; expected a whole number from 1 to 1,000,000"),
    ],
)
def test_a_wrong_argument_is_named(arguments, options, text):
    with pytest.raises(ValueError, match=text):
        lab(*arguments, **options)


def test_settings_given_in_the_call_are_the_state_of_the_controls():
    one = lab(*OWN, dataset="moons", learning_rate=0.1, hidden_layers=(6,), seed=8, compare=["he"])
    assert (one.dataset, one.learning_rate, one.hidden_layers, one.seed, one.compare) == (
        "moons",
        0.1,
        [6],
        8,
        ["he"],
    )


def test_without_a_front_end_no_comm_is_opened_and_no_thread_started(front_end):
    before = threading.active_count()
    one = lab(*OWN)
    one._repr_mimebundle_()
    assert not has_front_end()
    assert front_end == []
    assert threading.active_count() == before


def test_the_still_picture_says_what_it_shows_and_is_small():
    bundle = lab(*OWN)._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html"}
    assert bundle["text/plain"].startswith("Initialization lab. 300 training points, circles, noise 0.05;")
    assert "zeros: cost 0.693, test accuracy 50.0 %, cannot move; layer 1 is silent" in bundle["text/plain"]
    assert '<img alt="Initialization lab. 300 training points' in bundle["text/html"]
    assert len(bundle["text/html"]) < 30_000


def test_what_a_function_says_is_escaped_in_the_picture():
    def hostile(dims):
        raise ValueError('"><script>alert(1)</script>')

    html = lab(hostile)._repr_mimebundle_()["text/html"]
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_run_trains_to_the_end_and_returns_the_rows():
    rows = lab(*OWN, iterations=200).run(block=True)
    assert [(row.name, row.iteration) for row in rows] == [("zeros", 200), ("he", 200)]
    assert rows[1].cost < rows[1].start_cost


def test_train_without_a_front_end_trains_at_once():
    one = lab(*OWN, iterations=50)
    one.train()
    assert one.status == "finished"


def test_opening_sends_frame_zero_and_starts_nothing(live, front_end):
    state = front_end[-1].sent[0][1]["state"]
    assert state["status"] == "ready"
    assert state["frame_span"] == {"generation": 0, "first": 0, "count": 1}
    assert state["setup"]["layers_dims"] == [2, 10, 5, 1]
    assert not live._driver.running


def test_frames_cross_as_figures_and_parameters_of_the_announced_sizes(live):
    live.train()
    wait_for_end(live)
    moments = 1  # the first one came with the opening
    for state, buffers in updates(live):
        if "frame_span" not in state:
            continue
        span = state["frame_span"]
        assert span["first"] == moments
        moments = span["first"] + span["count"]
        sizes = sorted(len(buffer) for buffer in buffers)
        runs = span["count"] * 2
        layout = live.session.layout
        assert sizes == sorted([runs * 8 * layout.floats_per_run, runs * 4 * layout.parameters_per_run])
    assert moments == len(live.session.moments)
    assert live.status == "finished"


def test_at_most_thirty_updates_a_second_are_sent(live):
    live.pace = 0.5
    began = time.perf_counter()
    live.train()
    wait_for_end(live)
    elapsed_s = time.perf_counter() - began
    frames = [state for state, _ in updates(live) if "frame_span" in state]
    assert len(frames) <= elapsed_s * 30 + 5


def test_setting_a_trait_from_python_starts_again_and_rewrites_the_code(live):
    live.train()
    wait_for_end(live)
    live.learning_rate = 0.1
    assert live.status == "ready"
    assert live.session.iteration == 0
    assert "learning_rate=0.1" in live.code
    assert live.setup["generation"] == live.frame_span["generation"] == 1


def test_a_refused_value_from_python_raises_and_changes_nothing(live):
    with pytest.raises(traitlets.TraitError, match=r"gain is -1\.0; expected a number from 0 to 1000"):
        live.gain = -1.0
    assert live.gain == live.session.settings.gain == 1.0


def test_the_view_gives_each_run_its_gain(live):
    live.set_state({"gain": {"he": 0.5}})
    assert [live.session.settings.gain_of(name) for name in live.compare] == [1.0, 0.5]
    live.set_state({"gain": {"nobody": 0.5}})
    assert live.message.startswith("gain names 'nobody'; the lab has zeros, he,")
    assert live.gain == {"he": 0.5}


def test_a_refused_value_from_the_view_is_said_there_and_put_back(live):
    live.set_state({"hidden_layers": [999]})
    assert live.message == "hidden_layers is 999; expected a whole number from 1 to 64"
    assert updates(live)[-1][0] == {"hidden_layers": [10, 5]}
    assert live.session.settings.hidden_layers == (10, 5)


def test_a_control_moved_in_the_view_changes_the_session(live):
    live.set_state({"dataset": "xor", "compare": ["he", "Xavier"]})
    assert live.session.settings.dataset == "xor"
    assert [run.candidate.name for run in live.session.runs] == ["he", "Xavier"]


def test_traits_compose_with_other_widgets(live):
    seen = []
    live.observe(lambda change: seen.append(change["new"]), "learning_rate")
    live.learning_rate = 0.5
    assert seen == [0.5]


def test_pause_holds_and_train_goes_on_from_there(live):
    live.iterations = 1_000_000
    live.train()
    live.pause()
    held = live.session.iteration
    assert live.status == "paused"
    assert not live._driver.running
    live.train()
    live.pause()
    assert live.session.iteration >= held


def test_stop_ends_and_the_next_training_starts_from_the_same_weights(live):
    live.iterations = 1_000_000
    start = live.session.runs[1].descent.parameters["W1"]
    live.train()
    live.stop()
    assert live.status == "stopped"
    live.train()
    live.pause()
    assert live.frame_span["generation"] == 2
    live.reset()
    assert np.array_equal(live.session.runs[1].descent.parameters["W1"], start)


def test_step_takes_one_step(live):
    live._on_message(live, {"do": "step"}, [])
    assert live.session.iteration == 1
    assert live.status == "paused"
    assert live.table[1]["iteration"] == 1


def test_new_seed_draws_other_weights_and_leaves_the_global_state(live):
    np.random.seed(5)
    before = np.random.get_state()[1].copy()
    start = live.session.runs[1].descent.parameters["W1"]
    seed = live.new_seed()
    assert live.seed == seed
    assert not np.array_equal(live.session.runs[1].descent.parameters["W1"], start)
    assert np.array_equal(np.random.get_state()[1], before)


def test_a_view_that_comes_late_gets_every_frame(live):
    live.train()
    wait_for_end(live)
    live._on_message(live, {"do": "history"}, [])
    assert live.frame_span == {"generation": 0, "first": 0, "count": len(live.session.moments)}
    assert len(live.depth_curves) == 2 * 2 * 30 * 4


def test_the_csv_is_sent_on_request(live):
    live._on_message(live, {"do": "csv"}, [])
    content = [data["content"] for _, data, _ in live.comm.sent if data.get("method") == "custom"]
    assert content[-1]["kind"] == "csv"
    assert content[-1]["text"].startswith("run,iteration,cost,train_accuracy")


def messages(widget):
    return [data["content"] for _, data, _ in widget.comm.sent if data.get("method") == "custom"]


def test_each_request_is_answered_before_it_is_done(live):
    live._on_message(live, {"do": "hello", "id": 1}, [])
    live._on_message(live, {"do": "train", "id": 2}, [])
    wait_for_end(live)
    assert messages(live)[:2] == [{"kind": "answer", "id": 1}, {"kind": "answer", "id": 2}]
    assert live.status == "finished"


def test_a_step_after_the_end_takes_none_and_says_what_to_do(live):
    live.run()
    live.step()
    assert (live.status, live.session.iteration) == ("finished", 300)
    assert live.message == "The training is over. Reset starts again from iteration 0."
    live.reset()
    live.step()
    assert (live.status, live.session.iteration, live.message) == ("paused", 1, "")


def unfinished(layers_dims):
    raise NotImplementedError


@pytest.mark.parametrize("press", ["train", "step", "compare_seeds", "run"])
def test_unfinished_functions_are_not_said_to_have_finished(press, front_end):
    one = Lab(first=unfinished, second=unfinished, third=unfinished, live=True)
    getattr(one, press)()
    assert one.status == "ready"
    assert one.message == (
        "No function can be trained yet: finish one, then run its cell and this one again."
    )


class Shell:
    """A kernel's shell in the middle of a cell."""

    def __init__(self):
        self.kernel = None
        self.run("", "")

    def run(self, cell, execution, deleted=()):
        metadata = {"cellId": cell, "deletedCells": list(deleted)}
        self.parent = {"metadata": metadata, "header": {"msg_id": execution}}

    def get_parent(self):
        return self.parent


@pytest.fixture
def shell(monkeypatch):
    one = Shell()
    monkeypatch.setattr("init_utils.lab.front_end.get_ipython", lambda: one)
    return one


def test_a_lab_whose_cell_is_run_again_stops_and_frees_its_moments(shell, front_end):
    shell.run("cell", "first")
    old = Lab(*OWN, live=True, iterations=1_000_000)
    beside = Lab(*OWN, live=True)
    old.run(block=False)
    while old.session.iteration < 10_000:
        time.sleep(0.01)
    shell.run("another cell", "second")
    other = Lab(*OWN, live=True)
    assert old._driver.running
    shell.run("cell", "third", deleted=["another cell"])
    new = Lab(*OWN, live=True)
    assert not old._driver.running
    assert len(old.session.moments) == len(old.session.runs[0].frames) == 2
    assert [one.comm is None for one in (old, beside, other, new)] == [True, True, True, False]
    assert old.session.summaries()[0].name == "zeros"


def test_running_a_cell_twenty_times_keeps_one_lab(shell, front_end):
    before = len(open_widgets)
    for execution in range(20):
        shell.run("one cell", str(execution))
        Lab(*OWN, live=True, iterations=10).run()
    assert len(open_widgets) <= before + 2  # the lab and its layout


def test_a_closed_lab_stops(live):
    live.iterations = 1_000_000
    live.train()
    live.close()
    assert not live._driver.running


def test_a_message_that_waited_until_the_lab_was_closed_starts_nothing(live):
    live.close()
    live._on_message(live, {"do": "train"}, [])
    assert not live._driver.running


def in_threads(*works):
    """Do these at the same time, as a cell and a subshell do; what they raise fails the test."""
    with ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(work) for work in works]:
            done.result(60)


def jobs():
    return [thread for thread in threading.enumerate() if thread.name == "init_utils.lab"]


def test_a_subshell_and_a_cell_press_buttons_at_once_and_one_training_is_left(live):
    live.iterations = 1_000_000

    def subshell():
        for word in ("train", "pause", "step", "train", "reset", "train") * 3:
            live._on_message(live, {"do": word}, [])
            live.set_state({"learning_rate": 0.02})
            live._on_message(live, {"do": "history"}, [])

    def cell():
        for rate in (0.1, 0.2, 0.3) * 4:
            live.learning_rate = rate
            live.train()

    in_threads(subshell, cell)
    live.train()
    assert live._driver.running
    assert len(jobs()) == 1
    assert live.status == "running"
    live.stop()
    assert jobs() == []


def test_a_lab_closed_from_another_thread_while_it_is_told_to_train_stays_closed(front_end):
    for _ in range(5):
        one = Lab(*OWN, live=True, iterations=1_000_000)
        in_threads(lambda one=one: one._on_message(one, {"do": "train"}, []), one.close)
        assert jobs() == []


def test_two_labs_in_two_threads_draw_from_their_own_seeds(front_end):
    labs = [Lab(initialize_parameters_he, live=True, iterations=20, pace=0.0) for _ in range(2)]
    original = np.random.seed, np.random.RandomState

    def turn(one, seeds):
        for seed in seeds:
            one.seed = seed
            one.run()

    in_threads(lambda: turn(labs[0], range(8)), lambda: turn(labs[1], range(8, 16)))
    assert (np.random.seed, np.random.RandomState) == original
    alone = Lab(initialize_parameters_he, live=True, iterations=20, pace=0.0, seed=15)
    assert alone.run()[0].cost == labs[1].session.summaries()[0].cost


def test_a_message_that_means_nothing_is_left_alone(live):
    for content in ({"do": "format-disk"}, {}, "train", None, {"do": ["train"]}):
        live._on_message(live, content, [])
    assert live.status == "ready"


def test_the_seed_strip_collects_a_result_a_seed(live):
    live.strip_seeds = 3
    live.compare_seeds()
    wait_for_end(live)
    zeros, he = live.strip["rows"]
    assert zeros["note"] == "draws nothing: the same for every seed"
    assert len(zeros["costs"]) == 1
    assert len(he["costs"]) == len(he["accuracies"]) == 3
    assert len(set(he["costs"])) == 3
    assert live.strip["done"] == live.strip["total"] == 4
    assert live.status == "ready"


def test_without_a_front_end_seeds_are_compared_before_the_call_returns():
    one = Lab(*OWN, live=False, iterations=50, strip_seeds=2)
    one.compare_seeds()
    zeros, he = one.strip["rows"]
    assert (len(zeros["costs"]), len(set(he["costs"]))) == (1, 2)
    assert one.strip["done"] == one.strip["total"] == 3
    assert one.status == "ready"


def test_the_seed_strip_holds_what_the_lab_itself_gives_for_a_seed():
    one = Lab(initialize_parameters_he, live=False, iterations=50, strip_seeds=2)
    one.compare_seeds()
    strip = one.strip["rows"][0]
    for place, seed in enumerate((1, 2)):
        one.seed = seed
        (summary,) = one.run(block=True)
        assert strip["costs"][place] == summary.cost
        assert strip["accuracies"][place] == summary.test_accuracy


def test_the_seed_strip_can_be_stopped(live):
    live.iterations = 1_000_000
    live.compare_seeds()
    assert live.status == "seeds"
    live.stop()
    assert live.status == "ready"
    assert live.strip["stopped"] is True


def without_threads(live, monkeypatch, press):
    """Press a button where no thread can be started, and wait for the task that does the work."""

    def refuse(self):
        raise RuntimeError("can't start new thread")

    async def press_and_wait():
        monkeypatch.setattr(threading.Thread, "start", refuse)
        press()
        await live._driver._task

    # In a thread of its own: a browser's test may have left an event loop running in this one.
    elsewhere = threading.Thread(target=lambda: asyncio.run(press_and_wait()))
    elsewhere.start()
    elsewhere.join()


def test_where_threads_do_not_exist_training_is_a_task(live, monkeypatch):
    without_threads(live, monkeypatch, live.train)
    assert live.status == "finished"
    assert live.session.iteration == 300


def test_where_threads_do_not_exist_seeds_are_compared_one_after_another(live, monkeypatch):
    live.strip_seeds = 3
    without_threads(live, monkeypatch, live.compare_seeds)
    zeros, he = live.strip["rows"]
    assert len(zeros["costs"]) == 1
    assert len(set(he["costs"])) == 3
    assert live.status == "ready"


@pytest.mark.parametrize("stdin", [True, False])
def test_a_front_end_is_known_by_answering_questions(monkeypatch, stdin):
    import types

    shell = types.SimpleNamespace(kernel=types.SimpleNamespace(_allow_stdin=stdin))
    monkeypatch.setattr("init_utils.lab.front_end.get_ipython", lambda: shell)
    assert has_front_end() is stdin


def test_the_view_is_one_small_module_without_imports():
    lines = [line for line in Lab._esm.splitlines() if not line.lstrip().startswith(("//", "*", "/*"))]
    assert not any(line.startswith("import ") or "import(" in line for line in lines)
    assert len(Lab._esm.encode()) < 160_000


def test_the_package_itself_loads_no_widget_library():
    program = (
        "import sys, init_utils.lab; "
        "print(sorted({'anywidget', 'ipywidgets', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_the_session_loads_no_widget_library():
    program = (
        "import sys; from init_utils.lab import session, strip, driver, picture; "
        "print(sorted({'anywidget', 'ipywidgets', 'matplotlib', 'IPython'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of jupyter_client and zmq
def test_an_executed_notebook_holds_the_picture_and_no_widget(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    source = (
        "import threading\nfrom init_utils.lab import lab\nbefore = threading.active_count()\n"
        "def broken(layers_dims):\n    raise NotImplementedError\n"
        "one = lab(broken, compare=['broken', 'Xavier'])"
    )
    cells = [
        nbformat.v4.new_code_cell(text)
        for text in (source, "one", "print(threading.active_count() - before)")
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    output = notebook.cells[1].outputs[0]
    assert set(output.data) == {"text/plain", "text/html"}
    assert "broken: NotImplementedError" in output.data["text/html"]
    assert "widgets" not in notebook.metadata
    assert notebook.cells[2].outputs[0].text == "0\n"
