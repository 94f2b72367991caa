"""Running students' code: what comes back of it, and what is said where it goes wrong."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from grader.answers.sandbox import Call, Failed, Returned, Sandbox
from grader.reports.code import CodeCell
from tests.answers.asking import A, ask, ask_body, failure, part


def test_answers_come_back_in_the_order_of_the_calls(sandbox: Sandbox) -> None:
    source = "def f(a, b): return a - b\ndef g(a): return [a]"
    calls = [Call("f", (A, 1.0), "f(a, b)"), Call("g", (7,), "g(a)"), Call("f", (2j, 1), "f(a, b)")]
    run = sandbox.run([CodeCell("answers.py", source)], calls)
    assert np.array_equal(part(run.answers[0]), A - 1.0)
    assert part(run.answers[1]).tolist() == [7]
    assert part(run.answers[2]) == 2j - 1
    assert set(run.seconds) == {"f", "g"}
    assert run.load_failures == ()


@pytest.mark.parametrize(
    ("body", "dtype", "value"),
    [
        ("return 1", "int64", 1),
        ("return True", "bool", True),
        ("return 1.5", "float64", 1.5),
        ("return np.float32(1.5)", "float32", 1.5),
        ("return np.matrix([[1, 2]])", "int64", [[1, 2]]),
        ("return np.longdouble(0.5)", "float64", 0.5),
        ("return A.astype(np.float16)", "float16", A.tolist()),
        ("return A.astype('>f8')", "float64", A.tolist()),
        ("return [[1, 2.5], (3, np.float64(4))]", "float64", [[1, 2.5], [3, 4]]),
        ("return [A[0], A[1]]", "float64", A.tolist()),
        ("return A.astype(np.uint8)", "int64", A.tolist()),
        ("return []", "float64", []),
        ("return 1j * A", "complex128", (1j * A).tolist()),
        ("from fractions import Fraction\nreturn Fraction(1, 3)", "float64", 1 / 3),
        (
            "from fractions import Fraction\nreturn [[Fraction(1, 4), 2], [1j, 0.5]]",
            "complex128",
            [[0.25, 2], [1j, 0.5]],
        ),
        ("from decimal import Decimal\nreturn [Decimal('0.1'), 1]", "float64", [0.1, 1]),
        ("return A.astype(object)", "float64", A.tolist()),
        ("return np.array([[1, 2**70], [3, True]], dtype=object)", "float64", [[1, 2**70], [3, 1]]),
        ("return np.empty((0, 3), dtype=object)", "float64", []),
        ("return 2**53 + 1, 0.5", "float64", [2.0**53, 0.5]),
        ("return np.uint64(2**63)", "float64", 2.0**63),
    ],
)
def test_numbers_arrays_and_lists_of_them_are_answers(
    sandbox: Sandbox, body: str, dtype: str, value: object
) -> None:
    array = part(ask_body(sandbox, body))
    assert (array.dtype, array.tolist()) == (np.dtype(dtype), value)


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        ("2 * A", "returned_nothing", "did you forget the return statement"),
        ("return 'A'", "not_numeric", "a str;"),
        ("return {1: 2}", "not_numeric", "a dict;"),
        ("return (x for x in A)", "not_numeric", "a generator;"),
        ("return np.array([1, None])", "not_numeric", "dtype object"),
        ("return np.array(['a'])", "not_numeric", "dtype <U1"),
        ("return np.ma.masked_array([1.0])", "not_numeric", "masked"),
        ("return [1, [2, 3]]", "not_numeric", "differ in shape"),
        ("return 1.0, A", "wrong_parts", "must return one value; it returned 2"),
        ("return np.array([1, A], dtype=object)", "not_numeric", "each entry must be one number"),
        ("x = np.empty(1, dtype=object)\nx[0] = x\nreturn x", "not_numeric", "dtype object"),
        ("return 10 ** 400", "not_numeric", "too large for a float"),
        ("from decimal import Decimal\nreturn Decimal('sNaN')", "not_numeric", "too large for a float"),
        ("return f", "not_numeric", "did you forget to call it"),
        ("return ...", "not_numeric", "write the answer"),
        ("a = []\na.append(a)\nreturn a", "not_numeric", "nested"),
        ("return np.zeros((400, 400))", "too_large", "400 × 400"),
        ("return np.broadcast_to(1.0, (10 ** 6, 10 ** 6))", "too_large", "1000000 × 1000000"),
        ("return np.zeros((1,) * 9)", "too_large", "shape"),
        ("return np.zeros((10 ** 6, 10 ** 6))", "memory", "256 MB"),
        ("x = []\nwhile True:\n    x.append(bytes(10 ** 6))", "memory", "256 MB"),
        ("raise NotImplementedError", "missing", "not written yet"),
        ("raise NotImplementedError('complex A')", "raised", "complex A"),
        ("exit()", "raised", "NameError"),
        ("raise SystemExit", "raised", "exit() or quit()"),
        ("raise KeyboardInterrupt", "raised", "KeyboardInterrupt"),
        ("return f(A)", "raised", "endlessly"),
        ("import scipy", "import", "available are numpy and the standard library"),
        ("import grader.truths", "import", "No module named 'grader.truths'"),
        ("from grader import truths", "import", "cannot import name 'truths'"),
        ("input()", "raised", "input()"),
        ("import tempfile\ntempfile.TemporaryFile()", "raised", "No usable temporary directory"),
    ],
)
def test_what_is_no_answer_is_said_plainly(sandbox: Sandbox, body: str, kind: str, words: str) -> None:
    got, message = failure(ask_body(sandbox, body))
    assert got == kind, message
    assert words in message
    assert message.startswith("f ")


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        ("return A", "wrong_parts", "one array of shape (2, 2)"),
        ("return 1", "wrong_parts", "as in return a, b; it returned one int"),
        ("return 1, 2, 3", "wrong_parts", "it returned 3"),
        ("return 1, None", "returned_nothing", "place 2 of 2"),
        ("x = A", "returned_nothing", "return statement"),
    ],
)
def test_several_parts_must_come_as_several(sandbox: Sandbox, body: str, kind: str, words: str) -> None:
    got, message = failure(ask_body(sandbox, body, parts=2))
    assert got == kind
    assert words in message


def test_numbers_among_the_arguments_have_the_methods_of_arrays(sandbox: Sandbox) -> None:
    source = "def f(g): return [g.conj(), g.real, g.T, g.shape == (), isinstance(g, (float, complex))]"
    for g in (2.5, 1.5 - 2j):
        answer = ask(sandbox, source, arguments=(g,)).answers[0]
        assert part(answer).tolist() == [np.conj(g), np.real(g), g, 1, 1]


def test_an_integer_among_the_arguments_counts_something_and_is_pythons_own(sandbox: Sandbox) -> None:
    answer = ask(sandbox, "def f(k): return [type(k) is int, k ** -1]", arguments=(4,)).answers[0]
    assert part(answer).tolist() == [1, 0.25]


def test_two_parts_may_be_a_tuple_a_list_or_a_named_tuple(sandbox: Sandbox) -> None:
    for body in ("return 1.0, A", "return [1.0, A]", "return np.linalg.qr(A)"):
        answer = ask_body(sandbox, body, parts=2)
        assert isinstance(answer, Returned) and answer.parts[1].shape == (2, 2)


def test_hostile_objects_do_not_pass_for_numbers(sandbox: Sandbox) -> None:
    source = """
class Liar:
    def __array__(self, *a, **k): return np.ones(2)
    def __eq__(self, other): return True
    def __float__(self): return 1.0
    def __len__(self): return 2
    __array_interface__ = property(lambda self: 1 / 0)
class Long(list):
    def __len__(self): return 10 ** 9
    def __iter__(self): raise RuntimeError
class Shy(np.ndarray):
    def __getattribute__(self, name): raise RuntimeError(name)
def f(A): return Liar()
def g(A): return Long([1.0, 2.0])
def h(A): return A.view(Shy)
np.may_share_memory = np.array = np.stack = None
"""
    run = ask(sandbox, source, "f", "g", "h")
    assert failure(run.answers[0])[0] == "not_numeric"
    assert part(run.answers[1]).tolist() == [1.0, 2.0]
    assert part(run.answers[2]).tolist() == A.tolist()


def test_an_exception_is_placed_in_the_students_own_file(sandbox: Sandbox) -> None:
    answer = ask_body(sandbox, "B = A * 0\nreturn np.linalg.inv(B)")
    assert isinstance(answer, Failed)
    assert answer.failure.message == "f raised LinAlgError: Singular matrix"
    assert (answer.failure.place, answer.failure.text) == ("line 4", "return np.linalg.inv(B)")


def test_an_exception_without_a_text_is_still_described(sandbox: Sandbox) -> None:
    source = "class E(Exception):\n    def __str__(self): raise self\ndef f(A): raise E"
    assert failure(ask(sandbox, source).answers[0]) == ("raised", "f raised E")


def test_a_missing_function_is_told_from_a_misspelt_one(sandbox: Sandbox) -> None:
    source = "def inv_diferential(A): return A"
    run = ask(sandbox, source, "inv_differential", "trace_gradient")
    assert failure(run.answers[0]) == (
        "missing",
        "there is no function inv_differential; did you mean to rename inv_diferential to inv_differential?",
    )
    assert failure(run.answers[1])[0] == "missing"


@pytest.mark.parametrize(
    ("source", "block"),
    [
        ("class Solution:\n    def f(self, A): return A", "the class Solution"),
        ("def main():\n    def f(A): return A", "the function main"),
        ('if __name__ == "__main__":\n    def f(A): return A', "the block that begins at line 2"),
    ],
)
def test_a_function_that_is_inside_something_is_told_where(sandbox: Sandbox, source: str, block: str) -> None:
    answer = ask(sandbox, source).answers[0]
    kind, message = failure(answer)
    assert kind == "missing"
    assert message.startswith(f"f is inside {block}, where")
    assert "at the left margin" in message
    assert isinstance(answer, Failed) and answer.failure.place == "line 3"


def test_a_method_does_not_hide_why_the_function_of_its_name_failed(sandbox: Sandbox) -> None:
    source = "class S:\n    def f(self, A): return A\n1 / 0\ndef f(A): return A"
    kind, message = failure(ask(sandbox, source).answers[0])
    assert (kind, message.startswith("f is not defined, because")) == ("missing", True)


def test_a_block_that_was_not_reached_is_explained_by_the_line_before_it(sandbox: Sandbox) -> None:
    source = "1 / 0\nif True:\n    def f(A): return A"
    kind, message = failure(ask(sandbox, source).answers[0])
    assert (kind, message.startswith("f is not defined, because")) == ("missing", True)


def test_a_name_that_is_no_function_is_said(sandbox: Sandbox) -> None:
    kind, message = failure(ask(sandbox, "f = 3.0").answers[0])
    assert kind == "not_callable" and "f is of type float" in message


def test_a_wrong_signature_is_said_with_both_forms(sandbox: Sandbox) -> None:
    answer = ask(sandbox, "def f(A, dA): return A").answers[0]
    assert failure(answer) == ("signature", "f takes 2 arguments (A, dA); it is called as f(A)")
    assert isinstance(answer, Failed) and answer.failure.place == "line 2"
    assert part(ask(sandbox, "def f(*all, scale=1): return all[0]").answers[0]).shape == (2, 2)


def test_a_type_error_inside_is_not_taken_for_the_signature(sandbox: Sandbox) -> None:
    assert failure(ask_body(sandbox, "return A + 'x' * (1, 2)"))[0] == "raised"


def test_functions_before_an_exception_survive_and_those_after_it_are_explained(sandbox: Sandbox) -> None:
    source = "def f(A): return A\n1 / 0\ndef g(A): return A"
    run = ask(sandbox, source, "f", "g")
    assert part(run.answers[0]).shape == (2, 2)
    kind, message = failure(run.answers[1])
    assert kind == "missing"
    assert (
        message
        == "g is not defined, because answers.py stopped at line 3: ZeroDivisionError: division by zero"
    )
    assert [(fault.kind, fault.place, fault.text) for fault in run.load_failures] == [
        ("raised", "line 3", "1 / 0")
    ]


@pytest.mark.parametrize("line", ["raise SystemExit", "raise KeyboardInterrupt", "import sys; sys.exit(3)"])
def test_top_level_code_may_stop_in_any_way(sandbox: Sandbox, line: str) -> None:
    run = ask(sandbox, f"def f(A): return A\n{line}")
    assert part(run.answers[0]).shape == (2, 2)
    assert len(run.load_failures) == 1


def test_a_file_that_is_not_python_has_a_line_and_a_column(sandbox: Sandbox) -> None:
    run = ask(sandbox, "def f(A)\n    return A")
    kind, message = failure(run.answers[0])
    assert kind == "syntax" and "answers.py is not valid Python: expected ':'" in message
    first = run.load_failures[0]
    assert (first.kind, first.place, first.text, first.column) == ("syntax", "line 2", "def f(A)", 9)


@pytest.mark.parametrize(
    ("source", "column"),
    [("if 1:\n    x = (1", 5), ("é = 'ü' +* 2", 10), ("\tx = 1", 0), ("x = 1\0", 0), ("x = [\n1\n", 5)],
)
def test_a_column_counts_in_the_line_as_it_is_shown(sandbox: Sandbox, source: str, column: int) -> None:
    run = ask(sandbox, source)
    assert run.load_failures[0].column == column


@pytest.mark.parametrize("source", ["x = 1\0", "(" * 10_000, "-" * 100_000 + "1", "x = " + "9" * 5000])
def test_source_made_to_break_the_compiler_is_only_a_fault(sandbox: Sandbox, source: str) -> None:
    run = sandbox.run([CodeCell("answers.py", source)], [Call("f", (), "f()")])
    assert isinstance(run.answers[0], Failed)
    assert run.load_failures[0].kind in ("syntax", "died", "raised")


@pytest.mark.parametrize(
    "body", ["pass", "...", "'Return the gradient.'", "raise NotImplementedError('TODO')"]
)
def test_a_function_without_a_body_is_not_written_yet(sandbox: Sandbox, body: str) -> None:
    kind, message = failure(ask_body(sandbox, body))
    assert kind == "missing" and message.startswith("f is not written yet; ")


@pytest.mark.parametrize("use", ["sl.inv(A)", "sl(A)"])
def test_the_use_of_what_was_not_imported_is_placed_at_its_import(sandbox: Sandbox, use: str) -> None:
    answer = ask(sandbox, f"x = 1\nimport scipy.linalg as sl\ndef f(A):\n    return {use}").answers[0]
    assert isinstance(answer, Failed) and answer.failure.kind == "import"
    assert answer.failure.text == "import scipy.linalg as sl"


def test_a_failed_import_is_named_and_costs_nothing_else(sandbox: Sandbox) -> None:
    source = (
        "import matplotlib.pyplot as plt\nplt.plot([1], [2])\nfig, ax = plt.subplots()\ndef f(A): return A"
    )
    run = ask(sandbox, source)
    assert part(run.answers[0]).shape == (2, 2)
    assert [fault.kind for fault in run.load_failures] == ["import"]
    assert "No module named 'matplotlib' here" in run.load_failures[0].message


def test_what_an_import_would_have_defined_says_where_it_is_used_that_it_is_missing(sandbox: Sandbox) -> None:
    source = "import os, pandas as pd\nfrom scipy.linalg import inv\n"
    functions = "def f(A): return pd.x\ndef g(A): return inv(A)\ndef h(A): return len(os.sep)"
    run = ask(sandbox, source + functions, "f", "g", "h")
    assert failure(run.answers[0]) == (
        "import", "f stopped at an import: No module named 'pandas' here; available are numpy and the standard library"
    )  # fmt: skip
    assert "'scipy' here" in failure(run.answers[1])[1]
    assert part(run.answers[2]) == 1


@pytest.mark.parametrize(
    "source",
    [
        "from IPython.display import display, Math, HTML\ndisplay(Math('x'))",
        "from google.colab import drive\ndrive.mount('/content/drive')",
        "import ipywidgets as widgets\nwidgets.IntSlider(value=3).observe(print)",
        "from tqdm import tqdm\nassert sum(tqdm([1, 2])) == 3",
        "from IPython import get_ipython\nget_ipython().run_line_magic('matplotlib', 'inline')",
    ],
)
def test_what_belongs_to_a_notebook_can_be_imported(sandbox: Sandbox, source: str) -> None:
    run = ask(sandbox, f"{source}\ndef f(A): return A")
    assert part(run.answers[0]).shape == (2, 2) and run.load_failures == ()


def test_a_suggestion_of_python_survives(sandbox: Sandbox) -> None:
    run = ask(sandbox, "def f(A): return np.linalg.invv(A)\ndef g(A): return lenn(A)", "f", "g")
    assert failure(run.answers[0])[1].endswith("Did you mean: 'inv'?")
    assert (
        failure(run.answers[1])[1] == "g raised NameError: name 'lenn' is not defined. Did you mean: 'len'?"
    )


def test_functions_below_a_crash_are_named(sandbox: Sandbox) -> None:
    run = ask(sandbox, "1 / 0\ndef f(A): return A\ndef g(A): return A", "f", "g")
    assert run.load_failures[0].message.endswith("division by zero; f and g below it were not read")


def test_of_a_file_with_a_missing_colon_the_rest_is_graded(sandbox: Sandbox) -> None:
    source = "def f(A)\n    return A\n\n@staticmethod\ndef h(A):\n    return A[\n\ndef g(A):\n    return A\n"
    run = ask(sandbox, source, "f", "g", "h")
    assert failure(run.answers[0])[0] == failure(run.answers[2])[0] == "syntax"
    assert part(run.answers[1]).shape == (2, 2)
    assert [(fault.kind, fault.place) for fault in run.load_failures] == [("syntax", "line 2")]


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python reads all of them")
@pytest.mark.parametrize(
    "line", ["""x = f"{d["a"]}\"""", "type Matrix = list", "def first[T](x): return x", "class Box[T]: pass"]
)
def test_syntax_of_a_newer_python_is_recognised(sandbox: Sandbox, line: str) -> None:
    run = ask(sandbox, f"def f(A): return A\n{line}")
    assert part(run.answers[0]).shape == (2, 2)
    here = f"{sys.version_info[0]}.{sys.version_info[1]}"
    words = f"answers.py needs Python 3.12 for this line, and the grader runs {here}"
    assert run.load_failures[0].message == words


@pytest.mark.parametrize("line", ["x = f'{1'", "x = 'don't'", "type = = 1"])
def test_other_faults_of_syntax_are_not_taken_for_it(sandbox: Sandbox, line: str) -> None:
    assert "is not valid Python" in ask(sandbox, line).load_failures[0].message


@pytest.mark.parametrize(
    ("source", "x"),
    [
        ("!pip install -q \\\n    numpy \\\n    scipy\nx = 1", 1),
        ("import asyncio\nawait asyncio.sleep(0)\nx = await asyncio.sleep(0.01, 2)", 2),
        ("%time x = 3", 3),
        ("x = %time 2 + 2", 4),
        ("files = !ls *.csv\nx = len(files)", 0),
        ("if __name__ == '__main__':\n    x = 5", 5),
        ("%%capture out\nx = 6\nassert out.stdout == ''", 6),
        ("%pylab inline\nx = int(trace(eye(7)))", 7),
        ("x = 8\nx?\n?x\n%matplotlib inline\n%config A.b = 'c'\n%load_ext autoreload", 8),
        ("%%html\n<b>\n", None),
        ("try:\n    import grader\nexcept ImportError:\n    %pip install frechet-grader\nx = 9", 9),
    ],
)
def test_cells_mean_what_they_mean_in_a_notebook(sandbox: Sandbox, source: str, x: int | None) -> None:
    cells = [CodeCell("cell 1", source), CodeCell("cell 2", "def f(A): return globals().get('x', -1)")]
    run = sandbox.run(cells, [Call("f", (A,), "f(A)")])
    assert run.load_failures == ()
    assert part(run.answers[0]) == (-1 if x is None else x)


@pytest.mark.parametrize(
    "line",
    [
        "get_ipython().run_line_magic('time', 'x = 3')",
        "x = get_ipython().run_line_magic('time', '1 + 2')",
        "get_ipython().run_cell_magic('time', '', 'x = 1\\nx = x + 2\\n')",
        "get_ipython().run_cell_magic('capture', 'out', '%matplotlib inline\\nx = 3\\n')",
        "get_ipython().run_cell_magic('bash', '', 'rm -rf /')\nget_ipython().system('ls')\nx = 3",
    ],
)
def test_a_notebook_saved_as_a_script_means_the_same(sandbox: Sandbox, line: str) -> None:
    run = ask(sandbox, f"{line}\ndef f(A): return x")
    assert run.load_failures == () and part(run.answers[0]) == 3


def test_a_script_is_a_module_with_a_file(sandbox: Sandbox) -> None:
    run = ask(sandbox, "x = __name__ == '__main__'\ndef f(A): return x, __file__ == 'answers.py'", parts=2)
    assert isinstance(run.answers[0], Returned)
    assert [bool(part) for part in run.answers[0].parts] == [False, True]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import time\ntime.sleep(60)", "did not finish within 2 s"),
        ("while True: print('x' * 1000)", "did not finish within"),
        ("import os\nos._exit(0)", "ended Python (exit code 0)"),
    ],
)
def test_a_scratch_cell_that_does_not_end_costs_that_cell(sandbox: Sandbox, source: str, words: str) -> None:
    scratch = f"def g(A): return 2 * A\n{source}"
    cells = [
        CodeCell("cell 1", "def f(A): return A"),
        CodeCell("cell 2", scratch),
        CodeCell("cell 3", "def h(A): return 3 * A"),
    ]
    run = sandbox.run(cells, [Call(name, (A,), f"{name}(A)") for name in ("f", "g", "h")])
    assert [float(part(answer)[0, 0]) for answer in run.answers] == [1.0, 2.0, 3.0]
    assert [(fault.subject, words in fault.message) for fault in run.load_failures] == [("cell 2", True)]


def test_notebook_cells_share_a_namespace_and_fail_alone(sandbox: Sandbox) -> None:
    cells = [
        CodeCell(
            "cell 1", "%matplotlib inline\nimport numpy as np\n!pip install numpy\nnp.array?\nfiles = !ls"
        ),
        CodeCell("cell 3", "def f(A):\n    %time x = 3\n    return np.trace(A)\n1 / 0"),
        CodeCell("cell 4", "%%bash\nif then fi"),
        CodeCell(
            "cell 5", "%%time\ny = (7\n% 4)\n%timeit y\nget_ipython().run_line_magic('x', 'y'); display(y)"
        ),
        CodeCell("cell 6", "def g(A): return f(A) + y\n?help\n%load_ext x (unclosed"),
        CodeCell("cell 7", "\n\nz = = 1"),
    ]
    run = sandbox.run(cells, [Call("g", (A,), "g(A)")])
    assert part(run.answers[0]) == 8.0, run
    assert [(fault.kind, fault.place) for fault in run.load_failures] == [
        ("raised", "cell 3, line 4"),
        ("syntax", "cell 7, line 3"),
    ]
    assert run.output == "3\n"


def test_inputs_that_are_changed_or_handed_back_are_reported(sandbox: Sandbox) -> None:
    source = "def f(A):\n    A += 1\n    return A\ndef g(A): return A.T\ndef h(A): return A + 0"
    run = ask(sandbox, source, "f", "g", "h")
    marks = [(a.inputs_changed, a.aliased) for a in run.answers if isinstance(a, Returned)]
    assert marks == [(True, True), (False, True), (False, False)]


def test_an_answer_that_is_written_over_by_a_later_call_is_reported(sandbox: Sandbox) -> None:
    source = """
buffer, kept, table = np.zeros((2, 2)), {}, np.arange(8.0)
def into_one_buffer(A): buffer[...] = A; return buffer
def through_views(A): buffer[...] = A; return [buffer[0], buffer[1]]
def remembers(A): return kept.setdefault(A.tobytes(), 2 * A)
def from_a_table(A): return table[int(A[0, 0]):][:2]
def new_each_time(A): return 2 * A
"""
    names = ("into_one_buffer", "through_views", "remembers", "from_a_table", "new_each_time")
    calls = [Call(name, (k % 2 * A,), f"{name}(A)") for name in names for k in (1, 2, 3)]
    run = sandbox.run([CodeCell("answers.py", "import numpy as np" + source)], calls)
    flags = [answer.overwritten for answer in run.answers if isinstance(answer, Returned)]
    assert flags == [False, True, False] * 2 + [False] * 9  # the last call writes what the first returned


def test_every_call_gets_fresh_inputs(sandbox: Sandbox) -> None:
    run = ask(sandbox, "def f(A):\n    A *= 2\n    return A.sum()", "f", "f")
    assert part(run.answers[0]) == part(run.answers[1]) == 20.0
    assert A.sum() == 10.0


def test_how_an_answer_was_converted_is_reported(sandbox: Sandbox) -> None:
    source = (
        "def f(A): return A.tolist()\ndef g(A): return np.matrix(A)\ndef h(A): return A.astype(np.longdouble)"
    )
    run = ask(sandbox, source, "f", "g", "h")
    assert [a.converted for a in run.answers if isinstance(a, Returned)] == [
        "list",
        "np.matrix",
        "longdouble",
    ]


DENIALS = {
    "the question is rewritten": """
for before in sys._getframe(1).f_locals["call"].arguments:
    before.setflags(write=True)
    before += 1
""",
    "what computes checksums is replaced": """
guest = sys._getframe(1).f_globals
for names in (guest, vars(guest["wire"])):
    names.update((name, lambda *given: 0) for name in list(names) if "checksum" in name)
""",
    "what packs the checksums makes them equal": """
wire = vars(sys._getframe(1).f_globals["wire"])
wire["pack_kept"] = lambda kept, pack=wire["pack_kept"]: pack([(0, 0, 0) for _ in kept])
""",
}


@pytest.mark.parametrize("denial", DENIALS.values(), ids=DENIALS)
def test_what_a_function_does_to_its_arguments_cannot_be_denied(sandbox: Sandbox, denial: str) -> None:
    inner = "".join(f"    {line}\n" for line in denial.splitlines())
    source = f"import sys\ndef f(A):\n    A += 1\n{inner}    return 2 * A\n"
    (answer,) = ask(sandbox, source).answers
    assert isinstance(answer, Failed) or answer.inputs_changed


def test_an_answer_that_is_never_read_again_is_none(sandbox: Sandbox) -> None:
    source = """
import sys
buffer = np.zeros((2, 2))
def f(A):
    guest = sys._getframe(2).f_back.f_globals
    guest["read_kept"] = lambda kept: sys.exit()
    buffer[...] = A
    return buffer
"""
    run = sandbox.run(
        [CodeCell("answers.py", "import numpy as np" + source)],
        [Call(name, (k * A,), f"{name}(A)") for name in "f" for k in (1, 2)],
    )
    assert [failure(answer)[0] for answer in run.answers] == ["died", "died"]
