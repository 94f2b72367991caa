"""Outputs of the sandbox beside those of a kernel: the same notebook is run by nbgrader's Execute and by ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.preprocessors import Execute as KernelExecute

from grader.platforms.nbgrader.execute import Execute
from tests.platforms.nbgrader.foreign import notebook, outputs, plain

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.nbgrader]

SAME: dict[str, list[str]] = {
    "a value": ["1 + 1"],
    "no value": ["None", "x = 3", "4;"],
    "a fraction of the points": ["0.5", "1 / 3", "import numpy as np; np.float64(0.5)", "float('nan')"],
    "text": ["print('a'); print('b', end=''); print('ü 漢 🎉')"],
    "errors are told from text": ["import sys\nprint('out')\nprint('err', file=sys.stderr)\nprint('more')"],
    "flushed text": ["print('one', flush=True)\nprint('two', flush=True)"],
    "carriage returns": ["print('10%\\r20%\\rdone')"],
    "text around a display": ["print('before')\ndisplay('shown')\nprint('after')\n'value'"],
    "text past the streams": [
        # A kernel reads descriptors in a thread of its own: without a pause the text may fall to the next cell.
        "import os, time\nos.write(1, b'low level\\n'); time.sleep(0.5)",
        "os.write(2, b'low level error\\n'); time.sleep(0.5)",
    ],
    "rich values": [
        "from IPython.display import HTML, Image, JSON, Latex, Markdown, SVG, Javascript\nHTML('<b>x</b>')",
        "Image(data=b'\\x89PNG\\r\\n\\x1a\\n' + b'0' * 20, format='png', width=10)",
        "JSON({'a': [1, None, True]}, expanded=True)",
        "display(Latex('$x$'), Markdown('*x*'), Javascript('1'))",
        "class Rich:\n    def _repr_html_(self): return '<i>'\n    def __repr__(self): return 'Rich'\nRich()",
        "class Bundle:\n    def _repr_mimebundle_(self, include=None, exclude=None):\n"
        "        return {'text/plain': 'p', 'application/x.y+json': {'k': [1]}}\nBundle()",
        "display({'text/plain': 'raw', 'text/html': '<p>'}, raw=True, metadata={'text/html': {'isolated': True}})",
        "import numpy as np\nnp.arange(6).reshape(2, 3)",
    ],
    "a display that changes": [
        "handle = display('first', display_id='d')\ndisplay('other')",
        "handle.update('second')",
        "display('third', display_id='d')",
    ],
    "cleared outputs": [
        "from IPython.display import clear_output\nprint('gone')\nclear_output()\nprint('kept')",
        "print('gone')\nclear_output(wait=True)\nprint('kept')",
        "print('stays')\nclear_output(wait=True)",
    ],
    "errors": [
        "1 / 0",
        "def f(x):\n    return g(x)\n\ndef g(x):\n    raise ValueError(f'bad {x}')\n\nf(3)",
        "assert 1 == 2, 'one is not two'",
        "print('before the error')\nundefined_name",
        "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise RuntimeError('chained') from error",
        "import json\njson.loads('{')",
        "raise KeyboardInterrupt",
        "class Odd(Exception):\n    def __str__(self): return '<&>\\x1b[0m'\nraise Odd",
        "raise ExceptionGroup('several', [ValueError(1), TypeError(2)])",
    ],
    "errors before anything runs": [
        "print('not reached'",
        "if True:\nprint(1)",
        "x = (1,\n",
        "print('a')\n    print('b')",
        "return 3",
        "'unclosed",
        "%no_such_magic",
        "%%no_such_cell_magic\n1",
    ],
    "warnings": [
        "import warnings\nwarnings.warn('careful')",
        "import numpy as np\nnp.array([1.0]) / 0",
        "warnings.warn('old', DeprecationWarning)",
    ],
    "ends of Python": [
        "import sys\nsys.exit()",
        "sys.exit('with words')",
        "raise SystemExit(3)",
        "'still here'",
    ],
    "history": [
        "'one value'",
        "_",
        "__, _i, len(In) == len(_ih)",
        "Out[len(In) - 4]",
        "_ = 'mine'",
        "7",
        "_",
    ],
    "numbers of cells": ["# nothing but a comment", "'counted'", "get_ipython().execution_count - len(In)"],
    "waiting at the top level": [
        "import asyncio\nawait asyncio.sleep(0, 'waited')",
        "async def slow(): return 5\ntask = asyncio.ensure_future(slow())",
        "await task",
        "[await slow() for _ in range(2)]",
        "coroutine = slow()\ntry:\n    asyncio.run(coroutine)\nexcept RuntimeError as error:\n    print(error)\n"
        "coroutine.close()",
        "await asyncio.gather(slow(), slow())",
        "await asyncio.get_running_loop().run_in_executor(None, lambda: 'from a thread')",
        "asyncio.get_event_loop().is_running()",
        "await slow(1)",
    ],
    "nobody to ask": [
        "try:\n    input('name? ')\nexcept Exception as error:\n    print(type(error).__name__, error)",
        "import getpass\ntry:\n    getpass.getpass()\nexcept Exception as error:\n"
        "    print(type(error).__name__, error)",
    ],
    "magics": [
        "%%capture caught\nprint('caught')\n3",
        "caught.stdout",
        "%precision 3\n3.14159",
        "%precision %r",
        "numbers = [3, 1, 2]\n%xmode Plain",
        "1 / 0",
        "%xmode Context",
        "%%html\n<b>x</b>",
        "%env NO_SUCH_VARIABLE",
        "%lsmagic?",
        "len?",
        "alone = 5\n%who_ls int",
        "%%time\nNone",
        "get_ipython().run_cell('2 + 2').result",
        "%run helper.py",
        "from_helper",
        "%%python_is_no_magic",
    ],
    "what pickle and dataclasses look for": [
        "import pickle, dataclasses\n@dataclasses.dataclass\nclass Point:\n    x: int\n"
        "pickle.loads(pickle.dumps(Point(3)))",
        "__name__, __import__('sys').modules['__main__'].Point is Point",
    ],
    "threads": [
        "import threading\nt = threading.Thread(target=print, args=('from a thread',))\nt.start(); t.join()"
    ],
    "pools, locks and queues of threads": [
        "from multiprocessing.pool import ThreadPool\nThreadPool(3).map(abs, [-1, 2, -3])",
        "import multiprocessing as mp, threading\nlock, total = mp.Lock(), [0]\ndef add():\n    for _ in range(500):\n"
        "        with lock: total[0] += 1\n"
        "threads = [threading.Thread(target=add) for _ in range(4)]\n"
        "[t.start() for t in threads]; [t.join() for t in threads]; total",
        "lock = mp.RLock(); (lock.acquire(), lock.acquire(), lock.release(), lock.release())",
        "s = mp.Semaphore(1); (s.acquire(), s.acquire(timeout=0.01), s.release())",
        "try: mp.BoundedSemaphore(1).release()\nexcept ValueError as error: print(error)",
        "q = mp.Queue(); q.put([1, 'a']); q.get(timeout=5)",
        "event = mp.Event(); event.set(); event.wait(0.1)",
    ],
    "a log that a cell configures": [
        "import logging\nlogging.basicConfig(filename='run.log', level=logging.INFO)\nlogging.info('step')",
        "open('run.log').read()",
        "logging.getLogger('mine').warning('to the file')",
    ],
    "zones of time": [
        "import datetime, zoneinfo\nberlin = zoneinfo.ZoneInfo('Europe/Berlin')\n"
        "datetime.datetime(2026, 3, 1, 12, tzinfo=berlin).isoformat()",
        "try: zoneinfo.ZoneInfo('Nowhere/At_All')\nexcept zoneinfo.ZoneInfoNotFoundError as error: print(error)",
    ],
    "a name for who runs it": ["import getpass\ntype(getpass.getuser()), len(getpass.getuser()) > 0"],
    "forgetting all names": ["x = 1", "%reset -f", "'x' in globals()", "1 + 1"],
    "files for a moment": [
        "import tempfile\nwith tempfile.TemporaryFile('w+') as file:\n"
        "    file.write('kept'); file.seek(0); print(file.read())",
        "with tempfile.TemporaryDirectory() as folder:\n    open(folder + '/x', 'w').close()",
    ],
    "a database": [
        "import sqlite3\nwith sqlite3.connect('t.db') as db:\n    db.execute('CREATE TABLE t (a)'); "
        "db.execute('INSERT INTO t VALUES (7)')\ndb.execute('SELECT * FROM t').fetchall()",
    ],
    "files beside the notebook": [
        "open('data.txt').read()",
        "import helper\nhelper.value",
        "open('sub/table.csv').read()",
        "open('written.txt', 'w').write('x'), open('written.txt').read()",
        "import os\nos.mkdir('new'); os.rename('written.txt', 'new/moved.txt'); os.listdir('new')",
        "os.remove('new/moved.txt'); os.rmdir('new'); os.path.exists('new')",
        "open('no such file')",
        "import numpy as np\nnp.savetxt('a.txt', np.eye(2)); np.loadtxt('a.txt')",
        "import tempfile\nwith tempfile.TemporaryFile(dir='.') as file: print(file.write(b'x'))",
        "import sqlite3\nsqlite3.connect('a.db').execute('create table t (x)').fetchall()",
    ],
    "what nbgrader says to notebooks": ["import os\nos.environ.get('NBGRADER_EXECUTION')"],
    "names of the shell": [
        "type(get_ipython()).__mro__[-1] is object",
        "'get_ipython' in globals(), callable(exit)",
        "import sys\nsys.stdout.isatty(), sys.stdout.encoding, sys.stdout.writable()",
        "sys.stdout.write('counted')",
        "try:\n    sys.stdout.write(3)\nexcept TypeError as error:\n    print(error)",
        "help(len)",
    ],
    "broken shells": [
        "import IPython.core.interactiveshell as shell_module\nkept = shell_module.InteractiveShell.showtraceback",
        "shell_module.InteractiveShell.showtraceback = lambda *a, **k: None",
        "assert False, 'hidden'",
        "shell_module.InteractiveShell.showtraceback = kept",
        "'again'",
    ],
}
"""A behaviour → cells that show it; all of them run in one notebook, with names of their own."""

FILES = {
    "data.txt": "some data\n",
    "helper.py": "value = 42\nfrom_helper = 'ran'\nprint('helper')\n",
    "sub/table.csv": "1,2\n",
}

_VARYING = (
    (r"0x[0-9a-f]+", "0x…"),
    (r"\(\d+\.py, line", "(cell.py, line"),
    (re.escape(str(Path.home())), "~"),
    (r"ipykernel_\d+/\d+\.py", "ipykernel/cell.py"),
    (r"(Wall time|CPU times): .*", "time"),
)


def normalise(output: dict[str, Any]) -> Any:
    """An output without what differs from process to process."""
    said = repr(output)
    for pattern, instead in _VARYING:
        said = re.sub(pattern, instead, said)
    return said


def _folder(path: Path) -> Path:
    for name, content in FILES.items():
        place = path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, Any]]:
    """The notebook of all behaviours, run in a kernel and by us."""
    source = notebook(*(plain(cell) for cells in SAME.values() for cell in cells))
    ran = []
    for step in (KernelExecute, Execute):
        folder = _folder(tmp_path_factory.mktemp(step.__module__))
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("NBGRADER_EXECUTION", "autograde")
            patch.delenv(
                "PYTEST_CURRENT_TEST", raising=False
            )  # a kernel in a test does not look at descriptors
            nb, _ = step().preprocess(nbformat.from_dict(source), {"metadata": {"path": str(folder)}})
        ran.append(nb)
    yield ran[0], ran[1]


@pytest.mark.parametrize("behaviour", SAME)
def test_outputs_are_those_of_a_kernel(behaviour: str, both: tuple[Any, Any]) -> None:
    start = sum(
        len(cells) for name, cells in SAME.items() if list(SAME).index(name) < list(SAME).index(behaviour)
    )
    chosen = slice(start, start + len(SAME[behaviour]))
    theirs, ours = ([list(map(normalise, cell)) for cell in outputs(nb)[chosen]] for nb in both)
    assert ours == theirs


def test_cells_are_numbered_as_by_a_kernel(both: tuple[Any, Any]) -> None:
    theirs, ours = ([cell.execution_count for cell in nb.cells] for nb in both)
    assert ours == theirs


def test_a_notebook_says_of_itself_what_it_says_after_a_kernel(both: tuple[Any, Any]) -> None:
    theirs, ours = (nb.metadata for nb in both)
    assert ours == theirs


def test_the_outputs_are_valid_ones(both: tuple[Any, Any]) -> None:
    nbformat.validate(both[1])


@pytest.mark.parametrize(
    "source, error",
    [
        ("class NoRepr:\n    def __repr__(self): raise TypeError('no repr')\nNoRepr()", "TypeError"),
        ("def deep(n): return deep(n + 1)\ndeep(0)", "RecursionError"),
    ],
)
def test_errors_that_a_kernel_shows_at_another_length_are_the_same_errors(source: str, error: str) -> None:
    shown = []
    for step in (KernelExecute, Execute):
        nb, _ = step().preprocess(notebook(plain(source), plain("'after'")), {})
        shown.append([output[0].get("ename") or output[0]["data"] for output in outputs(nb)])
    assert shown[0] == shown[1] == [error, {"text/plain": "'after'"}]


@pytest.mark.parametrize(
    "source, words",
    [
        ("!ls", "!ls cannot be used where this notebook is graded"),
        ("files = !ls", "!ls cannot be used"),
        ("%system ls", "%system cannot be used"),
        ("%%bash\nls", "%%bash cannot be used"),
        ("%%script cat\nx", "%%script cannot be used"),
        ("%ls", "%ls cannot be used"),
        ("ls", "%ls cannot be used"),
        ("%pip install x", "nothing can be installed there"),
        ("%connect_info", "without a Jupyter kernel"),
        ("%qtconsole", "without a Jupyter kernel"),
        ("%gui qt", "without a Jupyter kernel"),
        ("%debug", "nobody is there to answer"),
        ("exit", "the cells after it have to run too"),
        ("quit()", "the cells after it have to run too"),
    ],
)
def test_what_needs_a_shell_or_a_kernel_is_refused_in_its_cell(source: str, words: str) -> None:
    nb, _ = Execute().preprocess(notebook(plain(source), plain("'after'")), {})
    refused, after = outputs(nb)
    assert [output["output_type"] for output in refused] == ["error"]
    assert refused[0]["ename"] == "NotAvailable" and words in refused[0]["evalue"]
    assert after[0]["data"] == {"text/plain": "'after'"}


def test_plots_are_shown_inline_if_matplotlib_is_declared() -> None:
    pytest.importorskip("matplotlib")
    cells = (
        "import matplotlib.pyplot as plt\nplt.plot([1, 2]);",
        "%matplotlib inline\nfigure, axes = plt.subplots()\naxes.set_title('$x^2$')\nplt.show()",
    )
    step = Execute(libraries=["numpy", "matplotlib"])
    nb, _ = step.preprocess(notebook(*map(plain, cells)), {})
    theirs, _ = KernelExecute().preprocess(notebook(*map(plain, cells)), {})
    shown = [[sorted(output.get("data", {})) for output in cell] for cell in outputs(nb)]
    assert shown == [[["image/png", "text/plain"]]] * 2
    assert [cell[0]["data"] for cell in outputs(nb)] == [cell[0]["data"] for cell in outputs(theirs)]


def test_a_library_that_is_installed_but_not_declared_is_told_to_the_instructor(
    caplog: pytest.LogCaptureFixture,
) -> None:
    nb, _ = Execute().preprocess(notebook(plain("import jinja2")), {})
    assert outputs(nb)[0][0]["ename"] == "ModuleNotFoundError"
    assert "add it to c.Execute.libraries" in caplog.text
