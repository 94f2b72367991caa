"""Notebooks that attack what grades them: each is held, and those after it are graded right."""

from __future__ import annotations

import socket
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from traitlets.config import Config

from grader.answers.sandbox.guest.limits import Limits
from grader.answers.sandbox.guest.notebook_wire import CUT
from grader.answers.sandbox.notebook_conversation import NotebookCell
from grader.answers.sandbox.notebook_sandbox import NotebookRun, NotebookSandbox
from grader.answers.sandbox.self_test import find_notebook_escapes
from grader.nbgrader.execute import Execute, configure_execute
from tests.platforms.nbgrader.foreign import Course, answer, answered, graded, notebook, plain

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.nbgrader]

LIMITS = Limits(total_seconds=20, memory_mb=256, output_kb=64, files_kb=1024)
FORGE = """\
import os, struct, json
def frame(kind, index, said):
    body = json.dumps(said).encode()
    return struct.pack('<BII', kind, index, len(body)) + body
def everywhere(data):
    for number in range(3, 64):
        try:
            os.write(number, data)
        except OSError:
            pass
"""
_UP = """\
def _up(frame):
    while frame:
        yield frame
        frame = frame.f_back
"""
FORGE += _UP
OK = "{'status': 'ok', 'execution_count': 1}"
FORGED = {
    "replies to all": f"{FORGE}everywhere(b''.join(frame(3, i, {OK}) for i in range(9)))",
    "replies to what runs": f"{FORGE}import sys\ntoken = next(f.f_locals['token'] for f in "
    "map(sys._current_frames().get, sys._current_frames()) for f in _up(f) if 'token' in f.f_locals)\n"
    f"everywhere(b''.join(frame(3, token, {OK}) for i in range(9)))",
    "a second start": f"{FORGE}everywhere(struct.pack('<BII', 1, 0, 0))",
    "a kind that there is not": f"{FORGE}everywhere(struct.pack('<BII', 99, 0, 4) + b'abcd')",
    "a frame without end": f"{FORGE}everywhere(struct.pack('<BII', 2, 0, 0xffffffff))",
    "no JSON": f"{FORGE}everywhere(struct.pack('<BII', 2, 0, 1) + b'{{')",
    "deep JSON": f"{FORGE}everywhere(struct.pack('<BII', 2, 0, 200000) + b'[' * 200000)",
    "nested data": f"{FORGE}x = 1\\nfor _ in range(60): x = [x]\\n"
    "everywhere(frame(2, 0, {'msg_type': 'display_data', 'content': {'data': {'application/json': x}}}))",
    "a huge number": f"{FORGE}everywhere(struct.pack('<BII', 2, 0, 9000) + b'1' * 9000)",
    "no number": f"{FORGE}everywhere(frame(2, 0, {{'msg_type': 'execute_result', 'content': {{'data': {{}},"
    " 'execution_count': float('nan')}}))",
    "an unknown message": f"{FORGE}everywhere(frame(2, 0, {{'msg_type': 'comm_open', 'content': {{}}}}))",
    "a stream of another name": f"{FORGE}everywhere(frame(2, 0, {{'msg_type': 'stream',"
    " 'content': {'name': 'gradebook', 'text': ''}}))",
    "text that is none": f"{FORGE}everywhere(frame(2, 0, {{'msg_type': 'stream',"
    " 'content': {'name': 'stdout', 'text': [1]}}))",
    "a traceback that is none": f"{FORGE}everywhere(frame(2, 0, {{'msg_type': 'error',"
    " 'content': {'ename': 'a', 'evalue': 'b', 'traceback': 'c'}}))",
    "messages without end": f"{FORGE}big = frame(2, 0, {{'msg_type': 'stream', 'content':"
    " {'name': 'stdout', 'text': 'x' * 10**6}})\nwhile True: everywhere(big)",
}


@pytest.fixture(scope="module", params=["strong", "standard"])
def shells(request: pytest.FixtureRequest) -> Iterator[NotebookSandbox]:
    with NotebookSandbox(LIMITS, strongest=request.param) as shells:
        if shells.isolation.level != request.param:
            pytest.skip(f"this machine isolates as {shells.isolation.level}")
        yield shells


@pytest.fixture
def unharmed(shells: NotebookSandbox) -> Iterator[None]:
    """After each attack a notebook is run right, by the same process that forks."""
    zygote = shells._zygote
    yield
    assert shells._zygote is zygote
    assert shown(run(shells, "x = 20", "x + 1"))[1] == ["21"]


def run(shells: NotebookSandbox, *cells: str, seconds: float = 5.0) -> NotebookRun:
    """Run these cells."""
    return shells.run([NotebookCell(cell, seconds) for cell in cells], [("data.txt", b"data")])


def shown(run: NotebookRun) -> list[list[str]]:
    """What each cell that was begun has for outputs, errors by name."""
    return [
        [
            str(said.get("ename") or said.get("text") or said.get("data", {}).get("text/plain"))
            for _, said in cell.messages
        ]
        for cell in run.cells
    ]


def test_all_attempts_of_the_self_test_are_refused(shells: NotebookSandbox) -> None:
    assert find_notebook_escapes(shells) == ()


@pytest.mark.parametrize("forged", FORGED)
@pytest.mark.usefixtures("unharmed")
def test_forged_frames_end_the_notebook_and_earn_nothing(forged: str, shells: NotebookSandbox) -> None:
    found = run(shells, FORGED[forged], "assert False", seconds=3.0)
    stopped = (
        "it wrote something that is not the output of a cell",
        "it took too long and could not be interrupted",
    )
    assert found.failure in stopped or shown(found)[1:] == [["AssertionError"]]
    assert all(cell.reply is None or cell.reply["status"] == "error" for cell in found.cells[1:])


def test_what_is_shown_is_text_of_known_types(shells: NotebookSandbox) -> None:
    display = (
        "display({'text/plain': 'a\\ud800b', 'no mime': 'x', 'text/html': ['<b>', '</b>'], 'image/png': 3,"
        " 'application/json': {'x': float('inf')}}, raw=True)"
    )
    ((_, said),) = run(shells, display).cells[0].messages
    assert said["data"] == {
        "text/plain": "a?b", "text/html": "<b></b>", "application/json": {"x": "inf"},
    }  # fmt: skip


@pytest.mark.parametrize(
    "attack",
    [
        "import os\nwhile True: os.fork()",
        "import subprocess\nsubprocess.run(['true'])",
        "import multiprocessing\nmultiprocessing.get_context('fork').Process(target=print).start()",
        "import socket\nsocket.socket()",
        "import urllib.request\nurllib.request.urlopen('http://127.0.0.1:9')",
        "import os\nos.kill(os.getppid(), 9)",
        "import os, signal\nos.kill(1, signal.SIGKILL)",
        "import os\nos.chmod('data.txt', 0o777)",
        "import os\nos.symlink('/etc/passwd', 'link')",
        "open('/etc/passwd').read()",
        "import os\nos.listdir('..')\nopen('../other.txt', 'w')",
        "import os\nopen(f'/proc/{os.getppid()}/mem', 'rb').read(1)",
        "import ctypes\nlibc = ctypes.CDLL(None)\nassert libc.ptrace(16, 1, 0, 0) == 0, 'refused'",
        "x = bytearray(2 << 30)",
        "x = []\nwhile True: x.append(bytearray(1 << 20))",
        "import sys\nsys.modules['grader']",
        "import grader",
    ],
)
@pytest.mark.usefixtures("unharmed")
def test_attacks_are_errors_in_their_cell(attack: str, shells: NotebookSandbox) -> None:
    found = run(shells, attack, "'after'")
    errors = [kind for kind, _ in found.cells[0].messages if kind == "error"]
    assert errors == ["error"] and shown(found)[1] == ["'after'"]


@pytest.mark.usefixtures("unharmed")
def test_threads_without_end_and_endless_loops_are_stopped(shells: NotebookSandbox) -> None:
    threads = "import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(60,)).start()"
    found = run(shells, threads, "while True: pass", "'after'", seconds=1.0)
    assert shown(found)[0] == ["RuntimeError"]
    assert found.cells[1].interrupted and shown(found)[2] == ["'after'"]


@pytest.mark.usefixtures("unharmed")
def test_text_without_end_is_cut(shells: NotebookSandbox) -> None:
    for loop in ("while True: print('x' * 1000)", "import os\nwhile True: os.write(1, b'x' * 100)"):
        found = run(shells, loop, "'after'", seconds=1.0)
        assert sum(len(text) for text in shown(found)[0]) < 80_000
        assert shown(found)[1] == ["'after'"]


@pytest.mark.usefixtures("unharmed")
def test_a_flood_costs_its_cell_nothing_but_the_rest_of_its_output(shells: NotebookSandbox) -> None:
    floods = (
        "import os\nfor i in range(300): os.write(1, b'x' * 10**6)",
        "for i in range(300): print('x' * 10**6)",
        "for i in range(50): display({'text/plain': 'x' * 10**6}, raw=True)",
    )
    found = run(shells, *(f"{flood}\ny = {number}" for number, flood in enumerate(floods)), "y")
    assert found.failure == "" and shown(found)[3] == ["2"]
    assert [cell.reply and cell.reply["status"] for cell in found.cells] == ["ok"] * 4
    assert all("".join(texts).endswith(CUT) for texts in shown(found)[:3])


@pytest.mark.usefixtures("unharmed")
@pytest.mark.parametrize(
    "flood",
    [
        "display({'application/json': [{}] * 2_500_000}, raw=True)",
        "display({'application/json': [[]] * 2_500_000}, raw=True)",
        "display({'application/json': [1] * 3_500_000}, raw=True)",
        "for i in range(3): display({'application/json': [{'a': 0}] * 900_000}, raw=True)",
        "for i in range(60_000): display({'text/plain': ''}, raw=True)",
    ],
)
def test_small_values_in_great_number_fill_no_memory(flood: str, shells: NotebookSandbox) -> None:
    tracemalloc.start()
    found = run(shells, flood, "'after'", seconds=20.0)
    kept, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(len(cell.messages) for cell in found.cells) <= 20_001
    assert kept < 80 << 20 and most < 250 << 20
    if found.failure == "":
        assert found.cells[1].reply is not None and found.cells[1].reply["status"] == "ok"


@pytest.mark.usefixtures("unharmed")
def test_one_update_of_many_displays_does_not_multiply_what_was_sent() -> None:
    many = "for i in range(3000): display('x', display_id='a')"
    update = (
        "from IPython.display import update_display as show\n"
        "for i in range(5): show('y' * 100_000, display_id='a')"
    )
    found = notebook(plain(many), plain(update), plain("display('once', display_id='b')"), plain("1 + 1"))
    Execute().preprocess(found, {})
    assert len(nbformat.writes(found)) < 10_000_000
    assert [len(cell.outputs) for cell in found.cells] == [3000, 0, 2, 1]
    few = notebook(
        plain("for i in range(3): display('x', display_id='a')"), plain(update.replace("'y'", "'y%s' % i"))
    )
    Execute().preprocess(few, {})
    assert all("y4" in output.data["text/plain"] for output in few.cells[0].outputs)


def test_files_are_bounded_and_gone_afterwards(shells: NotebookSandbox) -> None:
    fill = "with open('big', 'wb') as file:\n    while True: file.write(bytes(1 << 16))"
    assert shown(run(shells, fill))[0] == [
        "OSError" if shells.isolation.level == "strong" else "PermissionError"
    ]
    assert shown(run(shells, "import os\nos.listdir()"))[0] == ["['data.txt']"]


@pytest.mark.usefixtures("unharmed")
def test_a_notebook_does_not_see_what_another_left(shells: NotebookSandbox) -> None:
    run(
        shells,
        "secret = 5\nimport os, math\nos.environ['SECRET'] = 's'\nmath.secret = 1\n__builtins__.secret = 2",
    )
    found = run(shells, "'secret' in globals(), 'SECRET' in os.environ" .replace("os.", "__import__('os')."),
                "import math, builtins\nhasattr(math, 'secret'), hasattr(builtins, 'secret')", "len(In)")  # fmt: skip
    assert shown(found) == [["(False, False)"], ["(False, False)"], ["4"]]


@pytest.mark.usefixtures("unharmed")
def test_tests_are_not_known_before_they_run(shells: NotebookSandbox) -> None:
    look = (
        "import gc\nobjects = [o for o in gc.get_objects() if isinstance(o, (dict, list))]\n"
        "found = [o for o in objects if 'hidden' + 'test' in repr(o)]\n"
        "len(found)"
    )
    assert shown(run(shells, look, "'hiddentest'", seconds=20.0))[0] in (["0"], ["1"])


@pytest.fixture
def port() -> Iterator[tuple[int, list[bool]]]:
    """An open port, and whether anybody called."""
    called: list[bool] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        done = threading.Event()

        def listen() -> None:
            while not done.is_set():
                try:
                    server.accept()[0].close()
                    called.append(True)
                except TimeoutError:
                    continue

        thread = threading.Thread(target=listen)
        thread.start()
        yield server.getsockname()[1], called
        done.set()
        thread.join()


def test_a_class_with_attackers_is_graded_right(tmp_path: Path, port: tuple[int, list[bool]]) -> None:
    def configure(config: Config) -> None:
        config.Execute.timeout = 2
        configure_execute(config)

    course = Course(tmp_path / "course", configure)
    course.release({"p1.ipynb": notebook(
        answer("a", "### BEGIN SOLUTION\nx = 1\n### END SOLUTION"), graded("t", "assert x == 1", 2),
    )})  # fmt: skip
    released = course.released()
    number, called = port
    gradebook = tmp_path / "course" / "gradebook.db"
    attacks = [
        f"import sqlite3\nsqlite3.connect('{gradebook}').execute('update grade set auto_score = 2')",
        f"x = open('{gradebook}', 'rb').read() and 1",
        f"x = open('{tmp_path}/course/submitted/s00/ps1/p1.ipynb').read() and 1",
        f"open('{tmp_path}/course/autograded/mine', 'w').write('x')",
        f"import socket\nsocket.create_connection(('127.0.0.1', {number}))\nx = 1",
        "import os\nos.kill(os.getppid(), 9)\nx = 1",
        "import os\nwhile True: os.fork()",
        "x = [1]\nwhile True: x *= 2",
        "while True: pass",
        "import os\nos._exit(0)",
        FORGED["replies to all"],
    ]
    for place, attack in enumerate(attacks):
        course.submit(f"s{2 * place:02}", {"p1.ipynb": answered(released, {"a": "x = 1"})})
        course.submit(f"s{2 * place + 1:02}", {"p1.ipynb": answered(released, {"a": attack})})
    course.submit("s99", {"p1.ipynb": answered(released, {"a": "x = 1"})})
    assert course.autograde(), course.log.getvalue()
    right = [course.scores(f"s{2 * place:02}")["t"][0] for place in range(len(attacks))]
    wrong = [course.scores(f"s{2 * place + 1:02}")["t"][0] for place in range(len(attacks))]
    assert right == [2] * len(attacks) and course.scores("s99")["t"][0] == 2
    assert wrong == [0] * len(attacks)
    assert not called and not (tmp_path / "course" / "autograded" / "mine").exists()
