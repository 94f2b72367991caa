"""`pytest` in a folder of exercises: every check of every problem is a test, in the order of the assignment.

One of a problem fails, with all that a student is to read; others that cost points are skipped, as they say the same.

A problem file `exercises/<id>/problem.yaml` is collected if answers lie beside `exercises/`: `answers.py` or
`answers.ipynb`, of both the one in which more is written; or the file that `--grader-submission` or the setting
`grader_submission` names. Everywhere else this does nothing, and loads nothing of the grader.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from grader.reports.report import Finding, ProblemReport, Report

NAMES = ("answers.py", "answers.ipynb")
_OURS = re.compile(r"""^[\s{"']*assignments["']?\s*:""", re.MULTILINE)
_SETTINGS = {
    "submission": "the student's file; default: answers.py or answers.ipynb beside exercises/",
    "seed": "seed of the random inputs; default: that of config.yaml",
    "summary": "a file to add a table of points to, in Markdown: on GitHub $GITHUB_STEP_SUMMARY",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add each setting to the command line and to the settings file."""
    group = parser.getgroup("frechet-grader")
    for name, about in _SETTINGS.items():
        group.addoption(f"--grader-{name}", help=about)
        parser.addini(f"grader_{name}", help=about)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> CollectedProblem | None:
    """Collect a problem file, if there are answers to it."""
    if file_path.name != "problem.yaml" or file_path.parents[1].name != "exercises":
        return None

    answers = _find_answers(parent.config, file_path.parents[2])
    if answers is None:
        return None
    collected: CollectedProblem = CollectedProblem.from_parent(parent, path=file_path, answers=answers)
    return collected


def _find_answers(config: pytest.Config, folder: Path) -> Path | None:
    if not (folder / "config.yaml").is_file():
        return None
    if named := _setting(config, "submission"):
        return config.rootpath / named

    # Another project may have files of these names as well.
    if not _OURS.search((folder / "config.yaml").read_text("utf-8", errors="replace")):
        return None

    files = [folder / name for name in NAMES if (folder / name).is_file()]
    if len(files) > 1:
        return min(files, key=_count_stubs)
    return files[0] if files else None


def _count_stubs(answers: Path) -> int:
    """Count functions as they were released: of two files, the one with fewer of them is being worked on."""
    from grader.answers.submission import read_submission

    return sum(cell.source.count("raise NotImplementedError") for cell in read_submission(answers).cells)


def _setting(config: pytest.Config, name: str) -> str:
    return str(config.getoption(f"grader_{name}") or config.getini(f"grader_{name}") or "")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put our tests into the order of the assignment; those of others stay where they are."""
    places = [place for place, item in enumerate(items) if isinstance(item, WordsItem)]
    ranks: dict[Path, list[str]] = {}
    for place in places:
        folder = items[place].path.parents[2]
        if folder not in ranks:
            ranks[folder] = _assigned(folder / "config.yaml")

    def rank(item: pytest.Item) -> tuple[str, int]:
        folder, id = item.path.parents[2], item.path.parent.name
        assigned = [*ranks[folder], id]
        return str(folder), assigned.index(id)

    ranked = sorted((items[place] for place in places), key=rank)
    for place, item in zip(places, ranked, strict=True):
        items[place] = item


def _assigned(config: Path) -> list[str]:
    """The ids of all problems, in the order of the assignments; none if the file cannot be read."""
    import yaml

    try:
        assignments = yaml.safe_load(config.read_text("utf-8"))["assignments"].values()
        entries = [entry for assignment in assignments for entry in assignment["problems"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError):
        return []
    return [entry["id"] if isinstance(entry, dict) else str(entry) for entry in entries]


class CollectedProblem(pytest.File):
    """A problem with the answers to it."""

    def __init__(self, *, answers: Path, **others: Any) -> None:
        super().__init__(**others)
        self.answers = answers

    def collect(self) -> Iterable[pytest.Item]:
        """Collect a test for each check, in the problem's order; one that fails for a file that cannot be read."""
        from grader.core.errors import GraderError
        from grader.problems.load import load_problem

        try:
            problem = load_problem(self.path)
        except GraderError as error:
            # An error while collecting would keep all other tests from running.
            yield FaultyItem.from_parent(self, name="problem.yaml", faults=str(error))
            return

        titles = [check.title for check in problem.checks]
        for position, title in enumerate(titles):
            earlier = titles[:position].count(title)
            name = f"{title} {earlier + 1}" if earlier else title
            yield CheckItem.from_parent(self, name=name, problem=problem.id, position=position)


class WordsItem(pytest.Item):
    """A test whose failure is words alone: the lines of the grader that raised them say nothing to its reader."""

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show the words."""
        from grader.core.errors import GraderError

        if isinstance(excinfo.value, CheckFailed | GraderError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)


class FaultyItem(WordsItem):
    """A problem file that cannot be read."""

    def __init__(self, *, faults: str, **others: Any) -> None:
        super().__init__(**others)
        self.faults = faults

    def runtest(self) -> None:
        """Fail with every fault of the file."""
        raise CheckFailed(self.faults)


class CheckItem(WordsItem):
    """One check of a problem; it passes, is skipped, or fails with words."""

    def __init__(self, *, problem: str, position: int, **others: Any) -> None:
        super().__init__(**others)
        self.problem, self.position = problem, position

    @property
    def answers(self) -> Path:
        """The student's file."""
        assert isinstance(self.parent, CollectedProblem)
        return self.parent.answers

    def runtest(self) -> None:
        """Look up this check's finding; the first such look grades the file."""
        report = _grade_once(self)
        problem = next(problem for problem in report.problems if problem.id == self.problem)
        self.user_properties += _properties(problem, self.position)

        if not problem.has_checks:
            self._fail_once(self._selected(), _say(report, problem))

        finding = problem.findings[self.position]
        if finding.costs_points:
            failing = [place for place in self._selected() if problem.findings[place].costs_points]
            self._fail_once(failing, _say(report, problem))
        if finding.outcome != "passed":  # a check without points is worth knowing, and fails nobody
            pytest.skip(finding.message)

    def _selected(self) -> list[int]:
        """The positions of the checks of this problem that are run."""
        checks = (item for item in self.session.items if isinstance(item, CheckItem))
        return [check.position for check in checks if check.path == self.path]

    def _fail_once(self, failing: list[int], words: str) -> None:
        """Fail if this is the first of them; be skipped otherwise."""
        if self.position == min(failing):
            raise CheckFailed(words)
        pytest.skip(f"{self.problem} failed above")

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """The file, and the title above a failure."""
        return self.path, None, f"{self.problem}: {self.name}"


class CheckFailed(Exception):
    """Carries the text that a student reads."""


_REPORTS = pytest.StashKey[dict[Path, "Report | Exception"]]()


def _grade_once(check: CheckItem) -> Report:
    """The report on all problems that this run of pytest is about; a file is run once, whatever becomes of it."""
    reports = check.session.stash.setdefault(_REPORTS, {})
    if check.answers not in reports:
        try:
            reports[check.answers] = _grade(check)
        except Exception as error:
            reports[check.answers] = error

    report = reports[check.answers]
    if isinstance(report, Exception):
        raise report
    return report


def _grade(check: CheckItem) -> Report:
    from grader.core.errors import GraderError
    from grader.grading.own_file import CheckOptions
    from grader.grading.self_check import open_checker
    from grader.problems.course import open_course

    course = open_course(check.path.parents[2])
    checks = (item for item in check.session.items if isinstance(item, CheckItem))
    wanted = tuple(dict.fromkeys(other.problem for other in checks if other.answers == check.answers))

    seed = _setting(check.config, "seed")
    if seed and not seed.isdecimal():
        raise GraderError(f"grader_seed must be a whole number, found {seed!r}")
    options = CheckOptions(wanted, seed=int(seed) if seed else None)
    with open_checker(course, options) as checker:
        return checker.check(Path(os.path.relpath(check.answers)))


def _properties(problem: ProblemReport, position: int) -> Iterator[tuple[str, str]]:
    """The verdict and the points of a check, for gradebooks that read `--junitxml`."""
    from grader.reports.report import points

    yield "verdict", problem.verdict
    if problem.findings:
        part: Finding | ProblemReport = problem.findings[position]
    elif position == 0:  # the file could not be run: there is nothing to share the points among
        part = problem
    else:
        return
    yield "points", points(part.score)
    yield "max_points", points(part.max_score)


def _say(report: Report, problem: ProblemReport) -> str:
    """All that a student is to read of a problem, or of a file that could not be run."""
    from grader.formats.terminal.student import problem_screen
    from grader.reports.feedback import explain_file

    if report.status == "graded":
        return problem_screen(problem)
    return explain_file(report)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the points, if there were any to get, and write the summary that was asked for."""
    rows = _add_points(terminalreporter)
    if not rows:
        return

    _, scores, mosts = zip(*rows.values(), strict=True)
    total = f"{sum(scores):.6g} of {sum(mosts):.6g} points"
    terminalreporter.write_sep("=", f"frechet-grader: {total}")
    if summary := _setting(terminalreporter.config, "summary"):
        _add_summary(Path(summary), total, rows)


def _add_points(terminalreporter: Any) -> dict[str, tuple[str, float, float]]:
    """The verdict of each problem, the points that its checks got, and the most that there were."""
    rows: dict[str, tuple[str, float, float]] = {}
    outcomes = ("passed", "failed", "skipped")
    for report in chain.from_iterable(terminalreporter.stats.get(outcome, ()) for outcome in outcomes):
        properties = dict(getattr(report, "user_properties", ()))
        # Tests of others may have properties too.
        is_ours = {"verdict", "max_points"} <= properties.keys()
        if not is_ours or report.when != "call":
            continue

        problem = report.nodeid.partition("/problem.yaml::")[0].rpartition("/")[2]
        _, score, most = rows.get(problem, ("", 0.0, 0.0))
        score += float(properties["points"])
        most += float(properties["max_points"])
        rows[problem] = properties["verdict"], score, most
    return rows


def _add_summary(file: Path, total: str, rows: Mapping[str, tuple[str, float, float]]) -> None:
    lines = [f"### {total}", "", "| problem | verdict | points |", "| --- | --- | ---: |"]
    for name, (verdict, score, most) in sorted(rows.items()):
        lines.append(f"| {name} | {_badge(verdict)} | {score:.6g} of {most:.6g} |")
    with file.open("a", encoding="utf-8") as opened:
        opened.write("\n".join([*lines, ""]))


def _badge(verdict: Any) -> str:
    from grader.reports.feedback import VERDICTS

    style = VERDICTS[verdict]
    return f"{style.mark} {style.badge}"
