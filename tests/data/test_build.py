"""The build script: lines of WordNet and records of films become rows; other packages are refused."""

import hashlib
import io
import tarfile

import pytest

from ptembed.data import build, films, glosses
from ptembed.data.table import FILES

NOUNS = [
    "  1 This software and database is being provided to you",
    "00000010 03 n 01 entity 0 001 ~ 00000020 n 0000 | that which is  ",
    '00000020 18 n 02 Big_dog 0 hound 1 003 @ 00000010 n 0000 @i 00000010 n 0000 ! 00000030 n 0201 | a dog; "woof"  ',
    "00000030 18 n 0a cat 0 b 0 c 0 d 0 e 0 f 0 g 0 h 0 i 0 j 0 002 @ 00000010 n 0000 ! 00000020 n 0a02 | not a dog",
]
ADJECTIVES = [
    "00000010 00 s 02 galore(ip) 0 p(q) 0 001 & 00000040 a 0000 | in abundance",
    "00000040 00 a 01 able(p) 0 000 | can",
]


def test_gloss_rows():
    assert build.gloss_rows({"n": NOUNS, "a": ADJECTIVES}) == [
        ("n", "3", "entity", "that which is", "", ""),
        ("n", "18", "Big_dog hound", 'a dog; "woof"', "0", "1:2:0"),
        ("n", "18", "cat b c d e f g h i j", "not a dog", "0", "9:1:1"),
        ("s", "0", "galore p(q)", "in abundance", "", ""),
        ("a", "0", "able", "can", "", ""),
    ]


def test_film_rows():
    records = [("Ran", 1985, "Drama, War", "Akira Kurosawa", None, "Japanese", "Japan,  France, Japan")]
    assert list(build.film_rows(records)) == [
        ("Ran", "1985", "Drama|War", "Akira Kurosawa", "", "Japanese", "Japan|France"),
    ]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("", []),
        ("Jr.", ["Jr."]),
        ("Joe Flynn, Ed Begley, Jr., Joe Flynn", ["Joe Flynn", "Ed Begley, Jr."]),
        ("Joaquin Garay, III, Isiah Whitlock Jr.", ["Joaquin Garay, III", "Isiah Whitlock Jr."]),
    ],
)
def test_values(cell, expected):
    assert build.values(cell) == expected


def debian_package(members):
    """An ar archive as Debian has it: odd sizes are padded."""
    parts = [b"!<arch>\n"]
    for name, content in members:
        parts += [
            f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(content):<10}`\n".encode(),
            content,
            b"\n" * (len(content) % 2),
        ]
    return b"".join(parts)


def test_wordnet_lines():
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:xz") as archive:
        for name in build.DATA_FILES.values():
            content = f"the {name} line\n".encode()
            entry = tarfile.TarInfo(f"./usr/share/wordnet/data.{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    package = debian_package(
        [("debian-binary", b"2.0\n"), ("control.tar.xz", b"odd"), ("data.tar.xz", data.getvalue())]
    )
    assert build.wordnet_lines(package)["r"] == ["the adv line"]


def test_an_archive_without_data():
    with pytest.raises(ValueError, match="must hold a member data"):
        build.ar_member(debian_package([("debian-binary", b"2.0\n")]), "data.tar")


def test_other_packages_are_refused(tmp_path, capsys):
    package = tmp_path / "wordnet.deb"
    package.write_bytes(b"another version")
    with pytest.raises(SystemExit):
        build.main([str(package), str(package), "--output", str(tmp_path / "out")])
    assert f"wordnet.deb must have the sha256 {build.WORDNET_SHA256}" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_provenance_names_what_is_there():
    text = (FILES.parent / "PROVENANCE.md").read_text(encoding="utf8")
    for name in (glosses.FILE, films.FILE):
        content = (FILES / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() in text
        assert f"{len(content):,}" in text
    assert build.WORDNET_SHA256 in text
    assert build.FILMS_SHA256 in text
