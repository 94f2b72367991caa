"""The documentation names what there is: commands, files, keys, checks, families, functions, failures."""

from __future__ import annotations

import dataclasses
import re
import shlex
import shutil
from collections.abc import Iterator
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import pytest
from typer.main import get_command

from grader.answers.sandbox.guest.wire import CHILD_KINDS
from grader.authoring.json_schemas import MODELS, json_schema
from grader.cli.app import app
from grader.findings.diagnosis import WELL_BEHAVED
from grader.formats import ARCHIVE_FORMATS, CLASS_FORMATS, PROBLEM_FORMATS, STUDENT_FORMATS
from grader.problems.asks import Ask
from grader.problems.family_names import FamilyName
from grader.problems.language import FUNCTIONS, NORMS
from grader.problems.problem import CheckName
from grader.reports.certificate import LargestError, Mutants, Survivor, Trial
from grader.reports.report import Outcome, Status, Verdict
from tests.conftest import ROOT
from tests.prose import find_faults
from tests.running import run_grader
from tests.sentences import Sentence, collect

pytestmark = pytest.mark.sampled

README = ROOT / "README.md"
PAGES = [
    README,
    ROOT / "CONTRIBUTING.md",
    ROOT / "benchmarks/README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
RESULTS, DECIDES, FORMATS_PAGE, LANGUAGE = (
    (ROOT / "docs" / name).read_text(encoding="utf-8")
    for name in ("results.md", "how-it-decides.md", "formats.md", "problems/language.md")
)
PROBLEM_PAGES = [ROOT / "docs/problems.md", *sorted((ROOT / "docs/problems").glob("*.md"))]
PROBLEMS = "\n".join(page.read_text(encoding="utf-8") for page in PROBLEM_PAGES)


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)


def commands(page: Path) -> Iterator[list[str]]:
    """Every `grader …` of a page, in a block or in a line, as words."""
    lines = [line for block in blocks(page, "sh") for line in block.splitlines()]
    prose = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    lines += re.findall(r"`([^`\n]+)`", prose)
    for line in lines:
        words = shlex.split(line, comments=True) if re.match(r"(\.venv/bin/)?grader\s", line) else []
        if words:
            yield words


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_shown_exists_with_its_options(page: Path) -> None:
    for words in commands(page):
        command: Any = get_command(app)
        rest = words[1:]
        while rest and hasattr(command, "commands"):  # a group, such as `grader nbgrader`
            assert rest[0] in command.commands, words
            command, rest = command.commands[rest[0]], rest[1:]
        options = {option for item in command.params for option in (*item.opts, *item.secondary_opts)}
        options |= {"-h", "--help"}
        used = {word for word in rest if word.startswith("-")}
        assert used <= options, words


@pytest.mark.slow
def test_the_readme_shows_commands_at_all() -> None:
    assert {words[1] for words in commands(README)} >= {
        "check",
        "grade",
        "validate",
        "new",
        "schema",
        "doctor",
    }


def test_every_make_target_shown_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    shown = {
        target for page in PAGES for target in re.findall(r"\bmake ([a-z]+)(?=`|    )", page.read_text())
    }
    assert shown and shown <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in link:
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), link


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives to headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", unescape(heading).lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("what", MODELS)
def test_every_key_of_the_yaml_formats_is_described(what: str) -> None:
    schema = MODELS[what].model_json_schema()
    for model in (schema, *schema.get("$defs", {}).values()):
        for key in model.get("properties", {}):
            assert f"`{key}`" in PROBLEMS or f"{{{key}:" in PROBLEMS or f"`{{{key}, " in PROBLEMS, key


@pytest.mark.parametrize("what", [*MODELS, "report"])
def test_every_key_says_in_the_reference_what_it_means(what: str) -> None:
    schema = json_schema(what)
    objects = {"": schema, **schema["$defs"]}
    keys = {
        (name, key): field
        for name, part in objects.items()
        for key, field in part.get("properties", {}).items()
    }
    assert len(keys) > 5
    bare = {key for key, field in keys.items() if not field.get("description")}
    assert bare - {("Value", "real"), ("Value", "imag")} == set()


@pytest.mark.parametrize("family", get_args(FamilyName))
def test_every_family_is_described(family: str) -> None:
    assert f"| `{family}` |" in PROBLEMS


@pytest.mark.parametrize("check", get_args(CheckName))
def test_every_check_is_described_with_what_it_is_blind_to(check: str) -> None:
    for text in (PROBLEMS, DECIDES):
        assert f"| `{check}` |" in text


@pytest.mark.parametrize("ask", get_args(Ask))
def test_every_ask_is_described(ask: str) -> None:
    assert f"| `{ask}` |" in PROBLEMS


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_of_the_expression_language_is_described(function: str) -> None:
    assert re.search(rf"\| `[^|]*\b{function}\(", LANGUAGE)


def test_every_norm_is_described() -> None:
    assert all(f'"{kind}"' in PROBLEMS and f"`{kind}`" in PROBLEMS for kind in NORMS)


def test_every_kind_of_failure_is_described() -> None:
    kinds = set(CHILD_KINDS)
    for path in (ROOT / "grader").rglob("*.py"):
        if "sample_class" not in path.parts:
            kinds |= set(re.findall(r'(?:Failure|_Unusable)\(\s*"(\w+)"', path.read_text(encoding="utf-8")))
    assert {"too_slow", "ambiguous", "grader_error"} <= kinds
    assert {kind for kind in kinds if f"| `{kind}` |" not in RESULTS} == set()


@pytest.mark.parametrize("word", [*get_args(Verdict), *get_args(Outcome), *get_args(Status)])
def test_every_verdict_outcome_and_status_is_described(word: str) -> None:
    assert f"`{word}`" in RESULTS


@pytest.mark.parametrize("name", [*STUDENT_FORMATS, *CLASS_FORMATS, *PROBLEM_FORMATS, *ARCHIVE_FORMATS])
def test_every_format_is_described(name: str) -> None:
    assert f"| `{name}` |" in FORMATS_PAGE


def test_the_families_left_out_of_the_stricter_diagnosis_are_named() -> None:
    rest = set(get_args(FamilyName)) - set(WELL_BEHAVED)
    assert all(family in DECIDES.partition("## Diagnosis")[2] for family in rest)


def test_every_diagnosis_is_described() -> None:
    text = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "grader/findings/diagnosis").rglob("*.py")
    )
    makers = "relation|precision|Domain|MatrixProperty|OtherObject|Place"
    ids = set(re.findall(rf'(?:{makers})\(\s*"([a-z-]+)"', text))
    assert {"constant-factor", "only-size", "loses-digits"} <= ids
    assert {id for id in ids if f"`{id}`" not in RESULTS} == set()


@pytest.mark.slow
def test_the_readme_shows_what_check_prints(tmp_path: Path) -> None:
    """All but the numbers, which change with the inputs drawn and with their tolerances."""
    answers = next(block for block in blocks(README, "python") if "def inv_differential" in block)
    drawn = words_of((ROOT / "docs/check.svg").read_text(encoding="utf-8"))
    command = ["check", "answers.py", "--problem", "inv-differential", "--plot"]
    (tmp_path / "answers.py").write_text(answers, encoding="utf-8")
    wrong = run_grader(*command, cwd=tmp_path, COLUMNS="88")
    assert wrong.returncode == 1, wrong.stderr
    before, after = (drawn.split(f"$grader{''.join(words)}") for words in (command, command[:-1]))
    shown = before[1].partition("$sed")[0]
    assert len(shown) > 300 and "".join(without_numbers(wrong.stdout).split()).startswith(shown)

    assert "`-X @ dA @ X`" in README.read_text(encoding="utf-8")
    (tmp_path / "answers.py").write_text(answers.replace("-X @ X @ dA", "-X @ dA @ X"), encoding="utf-8")
    right = run_grader(*command, cwd=tmp_path, COLUMNS="88")
    assert after[-1] == "".join(without_numbers(right.stdout).split())
    assert right.stdout.strip() in README.read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.slow
def test_the_readme_shows_what_grade_prints(tmp_path: Path) -> None:
    shown = next(block for block in blocks(README, "text") if "infinite-loop" in block)
    (tmp_path / "submitted").mkdir()
    for student in re.findall(r"^ (\S+) +[✓✗!]", shown, re.M):
        shutil.copy(ROOT / "grader/sample_class" / f"{student}.py", tmp_path / "submitted")
    command = ["grade", "submitted/", "-o", "results", "--assignment", "lecture05"]
    result = run_grader(*command, cwd=tmp_path, COLUMNS="88")
    assert result.returncode == 0, result.stderr
    for part in shown.split("…\n"):
        assert without_numbers(part) in without_numbers(result.stdout)


def test_the_readme_is_short() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 120


@pytest.mark.slow
@pytest.mark.parametrize("page", [README, ROOT / "docs/validate.md"], ids=lambda page: page.name)
def test_the_certificate_shown_is_what_validate_prints(page: Path, tmp_path: Path) -> None:
    shown = next(block for block in blocks(page, "text") if "✓ trace-square" in block)
    for command in (["new", "trace-square"], ["validate", "trace-square"]):
        result = run_grader(*command, cwd=tmp_path, COLUMNS="80")
        assert result.returncode == 0, result.stderr
    printed = [without_numbers(line) for line in result.stdout.splitlines()]
    lines = [line for line in shown.splitlines() if line not in ("", "…")]
    assert len(lines) >= 5
    assert all(without_numbers(line) in printed for line in lines), result.stdout


@pytest.mark.parametrize("model", [Trial, LargestError, Survivor, Mutants])
def test_every_key_of_a_certificate_is_described(model: type) -> None:
    section = RESULTS.partition("## grader validate --json")[2]
    assert [
        field.name for field in dataclasses.fields(model) if not re.search(rf"\b{field.name}\b", section)
    ] == []


def without_numbers(text: str) -> str:
    return " ".join(re.sub(r"[-\d.e⎡⎣⎤⎦]*\d[-\d.e⎡⎣⎤⎦]*", "", text).split())


def words_of(svg: str) -> str:
    """What is written in a picture of a terminal, without numbers and spaces."""
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    return "".join(without_numbers(unescape(" ".join(texts))).split())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_headings_go_down_one_level_at_a_time_and_pictures_have_words(page: Path) -> None:
    text = re.sub(r"^ *```.*?^ *```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    levels = [len(marks) for marks in re.findall(r"^(#+) ", text, re.M)]
    if not text.startswith("<!-- page:"):
        assert levels[0] == 1 and levels.count(1) == 1
    assert all(lower <= upper + 1 for upper, lower in pairwise(levels))
    assert all(len(words) > 20 for words in re.findall(r"!\[([^\]]*)\]", text))


def test_words_that_we_do_not_use_are_found_with_their_place() -> None:
    said = [Sentence("a.py:1", "Compare it."), Sentence("a.py:2", "Mend line 5, or hold it against it.")]
    assert [fault.partition(":")[2][:1] for fault in find_faults(said)] == ["2", "2"]
    assert list(find_faults(said[:1])) == []


@pytest.mark.slow
def test_all_sentences_are_collected_with_their_places() -> None:
    found = {sentence.text: sentence.place for sentence in collect([ROOT / "grader", ROOT / "exercises"])}
    assert found["It does not modify its inputs and returns the same result each time."].startswith(
        "grader/findings/checks.py:"
    )
    assert any(place.endswith("inv-differential/problem.yaml:34") for place in found.values())
    assert any(text.startswith("Check one submission.") for text in found)
