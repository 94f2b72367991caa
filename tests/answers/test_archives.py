"""Archives are hostile: what they claim, what comes out of them, and what is damaged."""

from __future__ import annotations

import gzip
import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from grader.answers.collect import archives
from grader.answers.collect.find_submissions import find_submissions, read_submitted_files
from grader.core.errors import GraderError
from tests.answers.packing import PACKED, add, as_tar, as_zip, left_out, most_memory, texts

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
    irregular = dict.fromkeys(("sym", "fifo"), "[not_regular]")
    unreadable = dict.fromkeys(("bz", "locked"), "[unreadable]")
    assert texts(path) == {"ann": "x", **irregular, **unreadable}


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


@pytest.mark.slow
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
