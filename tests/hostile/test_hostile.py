"""A class of hostile students: none earns a point, none harms another, nothing outside of the sandbox changes.

Run by root, this is tried as root and as an ordinary user; run by anyone else, as that user only. Each of the ten
ways takes some ten seconds: `make test` takes the first and the last, `make hostile` all.
"""

from __future__ import annotations

import ast
import csv
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from grader.answers.sandbox import Call, Sandbox
from grader.reports.code import CodeCell
from tests.hostile.classes import (
    ATTACKS,
    CONTROLS,
    TOP_POINTS,
    Scene,
    breaches,
    controls,
    grade,
    read_reports,
    set_scene,
)
from tests.hostile.layers import LIMITS, Notice, ablate
from tests.hostile.machine import closed_to_others, may_mount

pytestmark = pytest.mark.slow

ROOT_RUNS = os.geteuid() == 0
WHO = {"as root": (), "as an ordinary user": ("--user",)} if ROOT_RUNS else {"as this user": ()}
LEVEL = {
    "strong": (),
    "standard": ("--no-namespaces",),
    "basic": ("--open", "--no-namespaces", "--no-landlock"),
}
WAYS = [
    (who, level, jobs)
    for who in WHO
    for level in LEVEL
    for jobs in (1, 2)
    if level != "basic" or (ROOT_RUNS and not WHO[who])
]
NOT_PROMISED = {"basic": {"list_folders", "read_system_files", "parent_memory"}}
"""Level → the attacks that may succeed there, as docs/isolation.md says."""
SHORT = (WAYS[1], WAYS[-1])


def require(machine: tuple[str, ...], level: str, protected: bool = False) -> None:
    """Say, instead of failing, what cannot be tried on this machine and why."""
    if (ROOT_RUNS and protected) and not may_mount():
        pytest.skip(
            "left out: without a layer attacks succeed, and root may not mount here to protect its files"
        )
    if "--user" in machine and not may_mount() and closed_to_others():
        pytest.skip(
            f"left out: an ordinary user cannot read Python in {closed_to_others()}, and root may not mount"
        )
    with Sandbox(LIMITS) as sandbox:
        if level == "strong" and sandbox.isolation.level != level:
            pytest.skip(
                f"left out: this machine has no strong isolation: {'; '.join(sandbox.isolation.reasons)}"
            )


@pytest.fixture
def scene() -> Iterator[Scene]:
    """In a folder that everyone may pass, unlike those that pytest makes."""
    folder = Path(tempfile.mkdtemp(prefix="hostile-"))
    folder.chmod(0o755)
    try:
        with set_scene(folder) as made:
            yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_there_are_attacks_enough_and_each_says_what_it_tries() -> None:
    assert len(ATTACKS) >= 60
    for path in ATTACKS.values():
        said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
        assert said and "\n" not in said, path.name


@pytest.mark.parametrize(
    ("who", "level", "jobs"),
    [pytest.param(*way, marks=() if way in SHORT else pytest.mark.hostile) for way in WAYS],
)
def test_a_hostile_class_earns_nothing_and_harms_nobody(
    scene: Scene, who: str, level: str, jobs: int
) -> None:
    require(WHO[who], level)
    scene.add_class(list(ATTACKS))
    done = grade(scene, (*WHO[who], *LEVEL[level]), jobs)
    assert done.returncode == 0, done.stdout + done.stderr
    reports = read_reports(scene)
    assert {report["isolation"] for report in reports.values()} == {level}
    assert sum("~" in student for student in reports) == len(ATTACKS)
    succeeded = {student.partition("~")[2] for student in breaches(reports)}
    assert succeeded <= NOT_PROMISED.get(level, set()), breaches(reports)
    right = controls(reports)
    assert set(right) == {path.stem for path in CONTROLS}
    assert {name: len(texts) for name, texts in right.items()} == dict.fromkeys(right, 1)
    assert {report["score"] for student, report in reports.items() if "~" not in student} == {TOP_POINTS}
    assert scene.damage() == []
    assert _unsafe_pages(scene) == []
    assert done.stdout.isprintable() or not set(done.stdout) & set("\x1b\x07\x9b\u202e\u2066")


class _Markup(HTMLParser):
    """Collects what in a page would run or load something and can only be a submission's."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_script = tag == "script"
        for name, value in attrs:
            if (
                name.startswith("on")
                or (value or "").startswith("javascript:")
                or (tag, name, value) == ("img", "src", "x")
            ):
                self.found.append(f"{tag} {name}={value}")

    def handle_data(self, data: str) -> None:
        if self._in_script and "alert" in data:
            self.found.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False


def _unsafe_pages(scene: Scene) -> list[str]:
    """Files of results in which something of a submission's is markup, a formula or a control character."""
    found = []
    for path in [path for path in scene.out.rglob("*.*") if path.suffix in (".html", ".json", ".csv")]:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".html":
            markup = _Markup()
            markup.feed(text)
            found += [f"{path.name}: {item}" for item in markup.found]
        if re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text):
            found.append(f"{path.name}: control characters")
        if path.suffix == ".csv":
            with path.open(newline="", encoding="utf-8") as file:
                cells = [cell for row in csv.reader(file) for cell in row]
            found += [f"{path.name}: {cell}" for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t")]
    return found


def test_the_search_for_markup_finds_it() -> None:
    markup = _Markup()
    markup.feed(
        "<p onclick='x'><script>alert(1)</script><a href='javascript:x'><img src=x> alert &lt;img src=x&gt;"
    )
    assert len(markup.found) == 4


def test_names_of_files_are_data_wherever_they_are_shown(scene: Scene) -> None:
    names = [
        "=cmd|'x'!A0",
        "+1",
        "@SUM(1)",
        "<img src=x onerror=alert(1)>",
        'a"onmouseover=alert(1) b',
        "{{ 7*7 }}",
        "[red]x",
    ]
    for name in (*names, "bell\x07", "\u202eexe", "line\nend"):
        shutil.copyfile(CONTROLS[0], scene.submitted / f"{name}.py")
    done = grade(scene, (), 1)
    assert done.returncode == 0, done.stdout + done.stderr
    reports = read_reports(scene)
    assert set(names) <= set(reports)
    assert {report["score"] for report in reports.values()} == {TOP_POINTS}
    assert _unsafe_pages(scene) == []
    assert not set(done.stdout) & set("\x1b\x07\u202e")


def test_the_process_that_forks_survives_every_attack(scene: Scene) -> None:
    quick = [
        name
        for name, path in ATTACKS.items()
        if "while True" not in path.read_text() and "sleep" not in path.read_text()
    ]
    with Sandbox(LIMITS) as sandbox:
        first = sandbox.run(
            [CodeCell("a.py", "import os\ndef f(): return os.getppid()")], [Call("f", (), "f()")]
        )
        zygote = sandbox._zygote
        for name in quick[::4]:
            sandbox.run(
                [CodeCell(f"{name}.py", scene.fill(ATTACKS[name], name))],
                [Call("square_gradient", (1.0,), "f(A)")],
            )
        assert sandbox._zygote is zygote
        again = sandbox.run(
            [CodeCell("a.py", "import os\ndef f(): return os.getppid()")], [Call("f", (), "f()")]
        )
    assert repr(first.answers) == repr(again.answers)


def test_a_class_is_not_graded_unconfined_unless_it_is_trusted(scene: Scene) -> None:
    shutil.copyfile(CONTROLS[0], scene.submitted / "somebody.py")
    refused = grade(scene, ("--no-landlock", "--no-namespaces"), 1)
    assert refused.returncode == 2 and read_reports(scene) == {}
    assert "cannot confine" in refused.stderr and "Landlock" in refused.stderr, refused.stderr
    trusted = grade(scene, ("--no-landlock", "--no-namespaces"), 1, "--trust-submissions")
    assert trusted.returncode == 0 and "trusted" in trusted.stdout
    assert {report["isolation"] for report in read_reports(scene).values()} == {"none"}


NOTICED = {
    "pid": "process numbers of its own",
    "descriptors": "hold strange descriptors",
    "limits": "raised_limits",
    "capabilities": "no rights to come",
    "privileges": "no new privileges",
    "landlock": "list_folders",
    "seccomp": "bare_forks",
}
"""Layer → a test that turns red without it, whoever looks."""
SEEN_BY_ROOT = {
    "user": "users of its own",
    "root": "mounts of its own",
    "net": "network of its own",
    "ipc": "queues of its own",
    "uts": "host name of its own",
    "cgroup": "cgroups of its own",
    "uid": "another user",
}
SEEN_BY_OTHERS = {"memory": "hidden memory"}
WITHOUT = {who: {**NOTICED, **(SEEN_BY_ROOT if who == "as root" else SEEN_BY_OTHERS)} for who in WHO}


@pytest.mark.parametrize("who", WHO)
def test_without_any_one_layer_a_test_turns_red(who: str) -> None:
    require(WHO[who], "strong", protected=True)
    # What root has shown of the layers is not tried again.
    expected = WITHOUT[who] if who == next(iter(WHO)) else SEEN_BY_OTHERS
    names = ["bare_forks", "list_folders", "raised_limits", "read_solution", "network_tcp"]
    found = dict(ablate(WHO[who], "strong", list(expected), names))
    assert found.pop("") == Notice()
    assert {layer: name for layer, name in expected.items() if name not in found[layer].all()} == {}


def test_every_layer_is_among_those_left_out() -> None:
    from grader.answers.sandbox.policy import LAYERS

    assert {*NOTICED, *SEEN_BY_ROOT, *SEEN_BY_OTHERS} == set(LAYERS)


def test_at_level_standard_files_are_closed_by_landlock_alone() -> None:
    who = list(WHO)[-1]
    require(WHO[who], "standard", protected=True)
    found = dict(
        ablate((*WHO[who], "--no-namespaces"), "standard", ["landlock"], ["read_solution", "write_files"])
    )
    assert found[""] == Notice()
    assert "read_solution" in found["landlock"].submissions


@pytest.mark.skipif(not ROOT_RUNS, reason="basic is for root, who can run submissions as another user")
def test_at_level_basic_files_are_closed_by_another_user_and_written_to_by_no_call() -> None:
    require((), "basic", protected=True)
    names = ["read_solution", "write_files", "memory_by_proc"]
    found = dict(ablate(LEVEL["basic"], "basic", ["uid", "seccomp"], names))
    assert found[""].submissions == () and found[""].attempts == ()
    assert {"read_solution", "another user"} & found["uid"].all() or found["uid"].failed
    assert (
        found["seccomp"].submissions or found["seccomp"].failed
    )  # a self-test that can fork ends in its child
