"""`grader.nbgrader`: a course's configuration goes on to work, whatever moves below `grader`."""

from __future__ import annotations

import pytest
from traitlets.config import Config
from traitlets.utils.importstring import import_item

pytestmark = pytest.mark.nbgrader

NAMES = {
    "grader.nbgrader.configure": "grader.platforms.nbgrader.configure",
    "grader.nbgrader.execute.configure_execute": "grader.platforms.nbgrader.configure",
    "grader.nbgrader.execute.Execute": "grader.platforms.nbgrader.execute",
    **dict.fromkeys(
        [
            f"grader.nbgrader.preprocessors.{name}"
            for name in ("RestoreCells", "GradeAnswers", "ExecuteOthers", "SaveComments", "AnyNotebook")
        ],
        "grader.platforms.nbgrader.preprocessors",
    ),
    **dict.fromkeys(
        [
            f"grader.nbgrader.steps.{name}"
            for name in (
                "ExecuteOthers",
                "OverwriteKernelspec",
                "OverwriteCells",
                "SaveAutoGrades",
                "AssignLatePenalties",
                "CheckCellMetadata",
            )
        ],
        "grader.platforms.nbgrader.faster_steps",
    ),
}
"""Every name that could stand in a configuration before the modules moved → where it is now."""


@pytest.mark.parametrize("name", NAMES)
def test_names_that_a_configuration_may_spell_out_are_answered_to(name: str) -> None:
    assert import_item(name).__module__ == NAMES[name]


def test_a_configuration_has_the_names_that_it_always_had() -> None:
    from grader.nbgrader import configure
    from grader.nbgrader.execute import configure_execute

    config = Config()
    configure(config)
    ours = [name for name in config.Autograde.autograde_preprocessors if name.startswith("grader.")]
    steps = ("GradeAnswers", "ExecuteOthers", "SaveComments")
    assert ours == [f"grader.nbgrader.preprocessors.{step}" for step in steps]
    configure_execute(config)
    replaced = [name for name in config.Autograde.autograde_preprocessors if name.startswith("grader.")]
    assert "grader.nbgrader.steps.ExecuteOthers" in replaced
    assert set(replaced) <= NAMES.keys()


def test_steps_given_as_classes_are_replaced_too() -> None:
    from grader.nbgrader.execute import configure_execute
    from grader.nbgrader.preprocessors import ExecuteOthers

    config = Config()
    config.Autograde.autograde_preprocessors = [ExecuteOthers]
    configure_execute(config)
    assert config.Autograde.autograde_preprocessors == ["grader.nbgrader.steps.ExecuteOthers"]
