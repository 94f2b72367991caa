"""Files and folders are written whole or not at all, and a killed run leaves no more than a name that tells it."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest

from grader.core.files import UNFINISHED, is_unfinished, list_files, write_file, write_folder


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


def fail_on(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    write_bytes = Path.write_bytes

    def write(path: Path, data: bytes) -> int:
        if path.name == name:
            raise OSError("disk full")
        return write_bytes(path, data)

    monkeypatch.setattr(Path, "write_bytes", write)


def test_a_file_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "feedback" / "ada.html"
    write_file(path, "old")
    write_file(path, "new \ud800 é")
    assert path.read_text("utf-8") == "new ? é"
    assert names(tmp_path) == ["feedback/ada.html"]


def test_a_file_that_cannot_take_its_place_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError):
        write_file(tmp_path / "folder", b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_the_umask_decides_who_reads_a_file(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_file(tmp_path / "a", b"")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640


def test_a_name_as_long_as_file_systems_allow_can_be_written(tmp_path: Path) -> None:
    write_file(tmp_path / ("x" * 255), b"1")
    write_folder(tmp_path / ("y" * 255), {"a": b"2"})


def test_a_folder_is_written_anew(tmp_path: Path) -> None:
    source = tmp_path / "source.txt"
    source.write_bytes(b"copied")
    write_folder(tmp_path / "a" / "out", {"old.txt": b"old", "below/deep.txt": b"deep"})
    write_folder(tmp_path / "a" / "out", {"new.txt": b"new", "copy.txt": source})
    assert names(tmp_path / "a") == ["out/copy.txt", "out/new.txt"]
    assert (tmp_path / "a" / "out" / "copy.txt").read_bytes() == b"copied"


@pytest.mark.parametrize("there", [True, False])
def test_a_folder_that_cannot_be_filled_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    out = tmp_path / "out"
    if there:
        write_folder(out, {"a": b"old"})
    fail_on(monkeypatch, "b")
    with pytest.raises(OSError, match="disk full"):
        write_folder(out, {"a": b"new", "b": b""})
    assert names(tmp_path) == (["out/a"] if there else [])
    assert not there or (out / "a").read_bytes() == b"old"


def test_a_folder_is_finished_before_it_takes_its_place(tmp_path: Path) -> None:
    def finish(folder: Path) -> None:
        assert is_unfinished(folder) and not (tmp_path / "out").exists()
        (folder / "a").chmod(0o400)

    write_folder(tmp_path / "out", {"a": b""}, finish)
    assert stat.S_IMODE((tmp_path / "out" / "a").stat().st_mode) == 0o400


def test_what_a_killed_run_left_is_told_by_its_name_and_goes_with_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:  # killed: nothing is cleared away
        patch.setattr("grader.core.files._remove", lambda path: None)
        fail_on(patch, "b")
        for name in ("out", "other"):
            with pytest.raises(OSError, match="disk full"):
                write_folder(tmp_path / name, {"a": b"", "b": b""})
    left = list(tmp_path.iterdir())
    assert len(left) == len(list(tmp_path.glob(UNFINISHED))) == 2 and all(map(is_unfinished, left))

    write_folder(tmp_path / "out", {"a": b""})
    assert sum(map(is_unfinished, tmp_path.iterdir())) == 1, "of others nothing is removed"
    assert not is_unfinished(tmp_path / "out")


def test_files_are_listed_without_links_and_however_deep_folders_are_nested(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "x.txt").write_text("x")
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "b" / "link").symlink_to(tmp_path / "a.txt")
    (tmp_path / "c").symlink_to(tmp_path / "b")
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden" / "y").write_text("y")
    listed = dict(list_files(tmp_path, lambda name: name != "hidden"))
    assert listed == {"a.txt": tmp_path / "a.txt", "b": tmp_path / "b", "b/x.txt": tmp_path / "b" / "x.txt"}

    current = os.open(tmp_path / "b", os.O_RDONLY)
    for _ in range(1200):
        os.mkdir("d", dir_fd=current)
        inner = os.open("d", os.O_RDONLY, dir_fd=current)
        os.close(current)
        current = inner
    os.close(current)
    assert len(list(list_files(tmp_path, lambda name: name != "hidden"))) == 3 + 31
    subprocess.run(["rm", "-rf", str(tmp_path / "b")], check=True)  # pytest's own clean-up stumbles over it
