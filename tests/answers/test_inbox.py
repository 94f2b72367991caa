"""Whose submission is where: what Gradescope, Moodle and Canvas let one download, packed and unpacked, and hostile."""

from __future__ import annotations

import gzip
import io
import json
import stat
import struct
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from grader.answers.collect import archives
from grader.answers.collect.gradescope import read_metadata
from grader.answers.collect.inbox import find_submissions, read_submitted_files
from grader.answers.submission import SubmittedFile
from grader.core.errors import GraderError

METADATA = """\
---
submission_101:
  :submitters:
  - :name: Ada Lovelace
    :sid: '17'
    :email: ada@example.org
  :created_at: !ruby/object:ActiveSupport::TimeWithZone
    utc: 2024-02-01 10:00:00.000000000 Z
  :score: 3.0
submission_102:
  :submitters:
  - :name: Bob "=cmd" O'Neil
    :sid: 18
  - :name: Zoë Ångström
    :email: zoe@example.org
submission_109:
  :submitters:
  - :name: Ada Lovelace
    :sid: '17'
"""
GRADESCOPE = {
    "submission_metadata.yml": METADATA,
    "submission_101/answers.py": "x = 'early'",
    "submission_102/answers.py": "x = 'both'",
    "submission_102/notes.txt": "",
    "submission_109/sub/answers.py": "x = 'late'",
}
MOODLE = {
    "Ada Lovelace_201_assignsubmission_file_/answers.py": "x = 1",
    "Ada Lovelace_201_assignsubmission_onlinetext_/onlinetext.html": "<p>",
    "Jürgen Müller_202_assignsubmission_file_/hw1.ipynb": json.dumps({"cells": []}),
    "Jürgen Müller_202_assignsubmission_file_/helper.py": "x = 2",
    "John Smith_203_assignsubmission_file_/answers.py": "x = 3",
    "John Smith_204_assignsubmission_file_/answers.py": "x = 4",
}
CANVAS = {
    "lovelaceada_11_9001_answers.py": "x = 'early'",
    "lovelaceada_11_9007_answers-1.py": "x = 'late'",
    "oneiljr_LATE_12_9003_answers.py": "x = 2",
    "lovelaceada_13_9004_hw1.py": "x = 'another person'",
    "lovelaceada_13_9005_helper.py": "x = 'help'",
}
PLATFORMS = {
    "gradescope": (
        GRADESCOPE,
        {"Ada Lovelace": "x = 'late'", 'Bob "=cmd" O\'Neil': "x = 'both'", "Zoë Ångström": "x = 'both'"},
        ["submission_101/answers.py: Ada Lovelace has answers.py as well, which is later"],
    ),
    "moodle": (
        MOODLE,
        {
            "Ada Lovelace": "x = 1",
            "Jürgen Müller": json.dumps({"cells": []}),
            "John Smith_203": "x = 3",
            "John Smith_204": "x = 4",
        },
        [],
    ),
    "canvas": (
        CANVAS,
        {"lovelaceada_11": "x = 'late'", "oneiljr_12": "x = 2", "lovelaceada_13": "x = 'another person'"},
        ["lovelaceada_11_9001_answers.py: lovelaceada_11 has", "lovelaceada_13_9005_helper.py: lovelaceada_13 has"],
    ),
    "flat": ({"ann.py": "x = 1", "bob.ipynb": "{}", "readme.txt": ""}, {"ann": "x = 1", "bob": "{}"}, []),
    "nbgrader": ({"ann/hw1/a.py": "x = 1", "bob/hw1/hw1.ipynb": "{}"}, {"ann": "x = 1", "bob": "{}"}, []),
}  # fmt: skip


def as_folder(path: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text, encoding="utf-8")
    return path


def as_zip(path: Path, files: Mapping[str, str], top: str = "") -> Path:
    path = path.with_name(f"{path.name}.zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(top + name, text)
    return path


def as_tar(
    path: Path, files: Mapping[str, str], top: str = "", mode: str = "w:gz", suffix: str = ".tar.gz"
) -> Path:
    path = path.with_name(path.name + suffix)
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, text in files.items():
            add(archive, top + name, text.encode())
    return path


def add(
    archive: tarfile.TarFile, name: str, data: bytes = b"", kind: bytes = tarfile.REGTYPE, link: str = ""
) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname = len(data), kind, link
    archive.addfile(info, io.BytesIO(data))


PACKED: Mapping[str, Callable[[Path, Mapping[str, str]], Path]] = {
    "folder": as_folder,
    "zip": as_zip,
    "zip with one folder": lambda path, files: as_zip(path, files, "assignment_3_export/"),
    "tar.gz": as_tar,
    "tgz with one folder": lambda path, files: as_tar(path, files, "./top/", suffix=".tgz"),
    "tar": lambda path, files: as_tar(path, files, mode="w", suffix=".tar"),
}


def texts(*paths: Path) -> dict[str, str]:
    """Student → text of their file, or the kind of its fault in brackets."""
    files = read_submitted_files(find_submissions(paths, "hw1").submissions)
    return {h.student: f"[{h.fault.kind}]" if h.fault else h.data.decode() for h in files}


@contextmanager
def most_memory(most: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < most
    finally:
        tracemalloc.stop()


def left_out(path: Path) -> str:
    return "\n".join(find_submissions([path], "hw1").left_out)


@pytest.mark.parametrize("packed", PACKED)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_what_platforms_let_one_download_is_understood(tmp_path: Path, platform: str, packed: str) -> None:
    given, wanted, dropped = PLATFORMS[platform]
    path = PACKED[packed](tmp_path / "class", given)
    assert texts(path) == wanted
    said = left_out(path)
    assert all(reason in said for reason in dropped) and len(said.splitlines()) == len(dropped)


def test_moodles_files_without_folders_are_understood(tmp_path: Path) -> None:
    given = {
        "Ada Lovelace_201_assignsubmission_file_answers.py": "x = 1",
        "Bob_202_assignsubmission_file_hw1.ipynb": "{}",
    }
    assert texts(as_zip(tmp_path / "class", given)) == {"Ada Lovelace": "x = 1", "Bob": "{}"}


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        "",
        "{",
        "- 1",
        "submission_101: 7",
        "a: &a [*a]",
        "\x00",
        "x: !!python/object/apply:os.getpid []",
    ],
)
def test_gradescopes_students_are_called_by_their_submissions_where_nothing_tells_their_names(
    tmp_path: Path, metadata: str | None
) -> None:
    given = {name: text for name, text in GRADESCOPE.items() if not name.endswith(".yml")}
    if metadata is not None:
        given["submission_metadata.yml"] = metadata
    path = as_zip(tmp_path / "class", given)
    assert set(texts(path)) == {"submission_101", "submission_102", "submission_109"}
    assert "the name of submission_101 and 2 more, which is graded under that of its folder" in left_out(path)


def test_a_name_that_cannot_be_a_files_gives_way_to_the_submissions(tmp_path: Path) -> None:
    metadata = 'submission_101: {":submitters": [{":name": "../../etc/cron\\x1b[2J", ":sid": "1"}]}'
    given = {"submission_metadata.yml": metadata, "submission_101/a.py": "x"}
    assert texts(as_zip(tmp_path / "class", given)) == {"submission_101": "x"}
    assert read_metadata(b'submission_1: {":submitters": [{":sid": 5}, {":name": [1]}, 7]}') == {
        "submission_1": [("5", "5")]
    }


def test_a_folder_in_the_place_of_the_metadata_names_nobody(tmp_path: Path) -> None:
    path = tmp_path / "class.tar"
    with tarfile.open(path, "w") as archive:
        add(archive, "submission_1/a.py", b"x")
        add(archive, "submission_metadata.yml", kind=tarfile.DIRTYPE)
    assert texts(path) == {"submission_1": "x"}


def test_people_of_one_name_are_told_apart_by_their_numbers(tmp_path: Path) -> None:
    people = {1: "17", 2: "18"}
    metadata = "\n".join(
        f'submission_{k}: {{":submitters": [{{":name": "Li Wei", ":sid": "{sid}"}}]}}'
        for k, sid in people.items()
    )
    given = {"submission_metadata.yml": metadata, "submission_1/a.py": "one", "submission_2/a.py": "two"}
    assert texts(as_folder(tmp_path / "class", given)) == {"Li Wei_17": "one", "Li Wei_18": "two"}


def test_several_files_and_none_are_faults_of_that_student_alone(tmp_path: Path) -> None:
    given = {
        "A_1_assignsubmission_file_/one.py": "x",
        "A_1_assignsubmission_file_/two.py": "x",
        "B_2_assignsubmission_file_/answers.docx": "x",
        "C_3_assignsubmission_file_/inner.zip": "PK",
        "D_4_assignsubmission_file_/__MACOSX/._d.py": "x",
        "D_4_assignsubmission_file_/d.py": "d",
    }
    for path in (as_folder(tmp_path / "class", given), as_zip(tmp_path / "class", given)):
        assert texts(path) == {"A": "[ambiguous]", "B": "[empty]", "C": "[empty]", "D": "d"}


def test_an_archive_beside_submissions_is_left_out_and_told(tmp_path: Path) -> None:
    given = {"ann.py": "x", "bob.zip": "PK"}
    for path in (as_folder(tmp_path / "class", given), as_zip(tmp_path / "class", given)):
        assert texts(path) == {"ann": "x"}
        assert "bob.zip: an archive among submissions is not opened; unpack it" in left_out(path)


@pytest.mark.parametrize("name", ["Ann_{}_1{}_{}", "Ann{0}_{0}_assignsubmission_file_{2}"])
@pytest.mark.parametrize("other", ["answers.zip", "answers.docx"])
def test_who_a_platform_says_handed_in_something_else_is_not_forgotten(
    tmp_path: Path, name: str, other: str
) -> None:
    given = {
        name.format(1, 1, "a.py"): "x",
        name.format(2, 2, other): "PK",
        name.format(3, 3, "b.py"): "y",
        name.format(3, 4, other): "PK",
        "table.csv": "",
    }
    for path in (as_folder(tmp_path / "class", given), as_zip(tmp_path / "class", given)):
        assert sorted(texts(path).values()) == ["[empty]", "x", "y"]
        faults = [
            p.fault for _, p in find_submissions([path], "hw1").submissions if isinstance(p, SubmittedFile)
        ]
        assert [fault.message for fault in faults if fault] == [
            f"{name.format(2, 2, other)} is neither a .py nor an .ipynb file; submit one"
        ]


def test_a_text_typed_into_moodle_is_nobodys_file(tmp_path: Path) -> None:
    given = {"A_1_assignsubmission_file_a.py": "x", "B_2_assignsubmission_onlinetext_typed.html": "y"}
    assert texts(as_folder(tmp_path / "class", given)) == {"A": "x"}


def test_the_same_student_in_two_archives_is_graded_once_and_named(tmp_path: Path) -> None:
    one, two = (
        as_zip(tmp_path / "one", {"ann.py": "1"}),
        as_tar(tmp_path / "two", {"ann.py": "2", "bob.py": "3"}),
    )
    assert texts(one, two) == {"ann": "1", "bob": "3"}
    found = find_submissions([one, two], "hw1")
    assert len(found.left_out) == 1 and "ann has ann.py as well" in found.left_out[0]


BAD_NAMES = [
    "../up.py",
    "/etc/up.py",
    "a/../../up.py",
    "C:/up.py",
    "up\x1b[2J.py",
    "up\u202e.py",
    "..\\up.py",
    "n" * 1001 + ".py",
]


@pytest.mark.parametrize("name", BAD_NAMES)
@pytest.mark.parametrize("make", [as_zip, as_tar])
def test_a_name_that_leads_elsewhere_is_left_out_and_told_and_stops_nobody(
    tmp_path: Path, make: Callable[[Path, Mapping[str, str]], Path], name: str
) -> None:
    path = make(tmp_path / "class", {name: "evil", "ann.py": "x"})
    assert texts(path) == {"ann": "x"}
    assert "up" in left_out(path) or "nnn" in left_out(path)
    assert left_out(path).isprintable()
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [path.name]


def test_links_devices_and_pipes_in_a_tar_are_faults_of_their_students(tmp_path: Path) -> None:
    path = tmp_path / "class.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        add(archive, "ann.py", b"x")
        add(archive, "sym.py", kind=tarfile.SYMTYPE, link="/etc/passwd")
        add(archive, "hard.py", kind=tarfile.LNKTYPE, link="ann.py")
        for name, kind in (
            ("char.py", tarfile.CHRTYPE),
            ("block.py", tarfile.BLKTYPE),
            ("fifo.py", tarfile.FIFOTYPE),
        ):
            add(archive, name, kind=kind)
    odd = dict.fromkeys(("sym", "hard", "char", "block", "fifo"), "[not_regular]")
    assert texts(path) == {"ann": "x", **odd}
    files = {h.student: h for h in read_submitted_files(find_submissions([path], "hw1").submissions)}
    assert all("is a link" in str(files[name].fault) for name in ("sym", "hard"))


def test_links_and_encrypted_and_oddly_packed_members_of_a_zip_are_faults_of_their_students(
    tmp_path: Path,
) -> None:
    path = tmp_path / "class.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ann.py", "x")
        for name, mode in (("sym.py", stat.S_IFLNK), ("fifo.py", stat.S_IFIFO)):
            info = zipfile.ZipInfo(name)
            info.create_system, info.external_attr = 3, (mode | 0o777) << 16
            archive.writestr(info, "/etc/passwd")
        archive.writestr(zipfile.ZipInfo("bz.py"), "x", zipfile.ZIP_BZIP2)
        archive.writestr("locked.py", "x")
    data = path.read_bytes()
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # where the flags are
        start = data.rindex(signature) + at
        data = (
            data[:start]
            + struct.pack("<H", struct.unpack("<H", data[start : start + 2])[0] | 1)
            + data[start + 2 :]
        )
    path.write_bytes(data)
    assert texts(path) == {
        "ann": "x", "sym": "[not_regular]", "fifo": "[not_regular]", "bz": "[unreadable]", "locked": "[unreadable]"
    }  # fmt: skip


def test_a_member_that_claims_to_be_small_and_is_not_is_cut_off(tmp_path: Path) -> None:
    path = as_zip(tmp_path / "class", {"ann.py": "x", "bomb.py": "0" * 50_000_000})
    assert path.stat().st_size < 100_000
    data = path.read_bytes()
    path.write_bytes(data.replace(struct.pack("<I", 50_000_000), struct.pack("<I", 5)))
    with most_memory(20_000_000):
        assert texts(path) == {"ann": "x", "bomb": "[unreadable]"}


@pytest.mark.parametrize("make", [as_zip, as_tar])
def test_a_bomb_costs_its_student_alone_and_little_memory(
    tmp_path: Path, make: Callable[[Path, Mapping[str, str]], Path]
) -> None:
    path = make(tmp_path / "class", {"ann.py": "x", "bomb.py": "0" * 50_000_000, "zoe.py": "z"})
    with most_memory(20_000_000):
        assert texts(path) == {"ann": "x", "bomb": "[too_large]", "zoe": "z"}


def test_what_comes_out_of_an_archive_is_limited_in_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MAX_TOTAL", 3_000_000)
    many = {f"s{k}.py": "0" * 900_000 for k in range(5)}
    for path in (
        as_zip(tmp_path / "class", many),
        as_tar(tmp_path / "class", {"big.bin": "0" * 5_000_000, **many}),
    ):
        with pytest.raises(GraderError, match="unpacks to more than 3,000,000 bytes"):
            texts(path)


def test_a_huge_header_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "class.tar.gz"
    info = tarfile.TarInfo("pax")
    info.type, info.size = tarfile.XHDTYPE, 1 << 31
    with gzip.open(path, "wb") as file:
        file.write(info.tobuf(tarfile.USTAR_FORMAT) + b"\0" * 100_000)
    with pytest.raises(GraderError, match="a header of more than"):
        texts(path)


def test_ten_thousand_members_are_ten_thousand_students(tmp_path: Path) -> None:
    many = {f"student-{k:05}.py": f"x = {k}" for k in range(10_000)}
    for path in (as_zip(tmp_path / "class", many), as_tar(tmp_path / "class", many)):
        found = find_submissions([path], "hw1").submissions
        assert len(found) == 10_000
        assert sum(file.fault is None for file in read_submitted_files(found)) == 10_000


def test_too_many_members_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_MEMBERS", 3)
    for make in (as_zip, as_tar):
        with pytest.raises(GraderError, match="more than 3 members"):
            texts(make(tmp_path / "class", dict.fromkeys("abcd", "x")))


def test_names_in_utf8_that_do_not_say_so_are_read_as_such_and_others_are_left_out(tmp_path: Path) -> None:
    path = as_zip(tmp_path / "class", {"Zo##.py": "x"})
    path.write_bytes(path.read_bytes().replace(b"Zo##", "Zoë".encode()))
    assert texts(path) == {"Zoë": "x"}
    path = as_tar(tmp_path / "latin", {"Zo#.py": "x", "ann.py": "y"}, mode="w", suffix=".tar")
    data = bytearray(path.read_bytes())
    at = data.index(b"Zo#.py")
    data[at : at + 6] = b"Zo\xeb.py"
    block = data[at : at + 512]
    block[148:156] = b" " * 8
    data[at + 148 : at + 156] = f"{sum(block):06o}\0 ".encode()
    path.write_bytes(data)
    assert texts(path) == {"ann": "y"}
    assert "cannot be printed" in left_out(path)


@pytest.mark.parametrize("packed", ["zip", "tar.gz", "tar"])
def test_a_damaged_archive_is_told_in_words_and_grades_nobody(tmp_path: Path, packed: str) -> None:
    path = PACKED[packed](tmp_path / "class", {f"s{k}.py": f"x = {k}\n" * 100 for k in range(50)})
    data = path.read_bytes()
    for broken in (data[: len(data) // 2], b"", b"no archive at all" * 100):
        path.write_bytes(broken)
        with pytest.raises(GraderError, match="cannot be read as an archive"):
            texts(path)


def test_a_header_damaged_midway_does_not_pass_for_the_end(tmp_path: Path) -> None:
    path = as_tar(tmp_path / "class", {"ann.py": "x", "bob.py": "y", "zoe.py": "z"}, mode="w", suffix=".tar")
    data = bytearray(path.read_bytes())
    data[data.index(b"bob.py")] ^= 1
    path.write_bytes(data)
    with pytest.raises(GraderError, match="there is no header at byte 1,024"):
        texts(path)


def test_of_two_members_of_one_name_the_last_counts(tmp_path: Path) -> None:
    path = tmp_path / "class.tar"
    with tarfile.open(path, "w") as archive:
        add(archive, "ann.py", b"first")
        add(archive, "ann.py", b"last")
    assert texts(path) == {"ann": "last"}


def test_links_in_unpacked_folders_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text("secret")
    folder = tmp_path / "class" / "A_1_assignsubmission_file_"
    folder.mkdir(parents=True)
    (folder / "a.py").symlink_to(tmp_path / "secret.py")
    other = tmp_path / "class" / "B_2_assignsubmission_file_"
    other.mkdir()
    (other / "sub").symlink_to(tmp_path)
    assert texts(tmp_path / "class") == {"A": "[not_regular]", "B": "[empty]"}


def test_other_archives_are_not_guessed_at(tmp_path: Path) -> None:
    (tmp_path / "class.7z").write_bytes(b"7z")
    assert texts(tmp_path / "class.7z") == {
        "class": "7z"
    }  # read as a file, and then found to be none that is graded
