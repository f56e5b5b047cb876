"""Vectors of words on the command line: trained, asked, scored, exported; files, pipes and JSON."""

import errno
import gzip
import io
import json
import re
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from ptembed.cli import main
from ptembed.io.formats import read_vectors, write_vectors

E = np.array([[1, 0], [1, 0.1], [0, 1], [0.1, 1], [-1, 0.2]], "float32")
WORDS = ["sun", "star", "cat", "dog", "moon"]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    rng = np.random.default_rng(0)
    lines = [" ".join(f"{topic}{i}" for i in rng.integers(0, 8, 9)) for topic in rng.choice(["Sun", "cat"], 200)]
    path = tmp_path_factory.mktemp("corpus") / "text.txt"
    path.write_text("\n".join(lines))
    return path


@pytest.fixture
def vectors(tmp_path):
    write_vectors(tmp_path / "v.txt", WORDS, E)
    return str(tmp_path / "v.txt")


def test_a_text_becomes_vectors(corpus, tmp_path, capsys):
    out = str(tmp_path / "v.bin")
    assert main(["train", str(corpus), "--out", out, "--dim", "6", "--epochs", "3", "--min-count", "1", "--json"]) == 0
    told = capsys.readouterr()
    result = json.loads(told.out)
    words, trained = read_vectors(out)
    assert (result["words"], result["dimensions"], len(result["losses"])) == (16, 6, 3)
    assert set(words) == {f"{topic}{i}" for topic in ("sun", "cat") for i in range(8)}
    assert trained.shape == (16, 6)
    assert result["losses"][-1] < result["losses"][0]
    assert "counting words" in told.err and "epoch 3" in told.err


def test_counts_are_factored_too(corpus, tmp_path, capsys):
    out = str(tmp_path / "v.txt")
    assert main(["train", str(corpus), "--out", out, "--model", "svd", "--dim", "4", "--keep-case"]) == 0
    assert capsys.readouterr().out.startswith("16 words of 4 numbers in")
    assert main(["neighbours", out, "Sun1", "-k", "3", "--json"]) == 0
    near = json.loads(capsys.readouterr().out)["Sun1"]
    assert len(near) == 3 and all(word.startswith("Sun") for word, _ in near)


def test_a_text_that_is_too_small_is_told(tmp_path, capsys):
    (tmp_path / "t").write_text("the cat sat\n")
    arguments = ["train", str(tmp_path / "t"), "--out", str(tmp_path / "v"), "--dim", "2", "--min-count", "1"]
    assert main([*arguments, "--subsample", "1e-9"]) == 0
    assert capsys.readouterr().err.endswith("or thin out fewer words with subsample\n")
    assert main([*arguments, "--subsample", "0", "--json"]) == 0
    told = capsys.readouterr()
    assert min(json.loads(told.out)["losses"]) > 0 and "thin out" not in told.err


def test_pipes(corpus):
    ptembed = f"{sys.executable} -W ignore -m ptembed"
    pipe = f"cat {corpus} | {ptembed} train - --out - --model svd --dim 4 | {ptembed} neighbours - sun1 -k 2 --json"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", pipe], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert all(word.startswith("sun") for word, _ in json.loads(done.stdout)["sun1"])


def test_who_reads_may_stop(vectors):
    pipe = f"{sys.executable} -W ignore -m ptembed export {vectors} - | true"
    done = subprocess.run(["bash", "-c", pipe], capture_output=True, text=True, timeout=300)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("format", ["word2vec", "word2vec-binary", "glove"])
@pytest.mark.parametrize("packed", [bytes, gzip.compress])
def test_standard_input_is_told_by_its_start(tmp_path, monkeypatch, capsys, format, packed):
    write_vectors(tmp_path / "v", WORDS, E, format)
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(packed((tmp_path / "v").read_bytes()))))
    assert main(["neighbours", "-", "sun", "-k", "1"]) == 0
    assert capsys.readouterr().out == "sun: star 0.995\n"


def test_what_is_wrong_with_standard_input(monkeypatch, capsys):
    for lines, said in ((b"2 2\nsun 1 2\n", "ends at line 3"), (b"1 2\ns\xffn 1 2\n", "must be UTF-8")):
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(lines)))
        assert main(["neighbours", "-", "sun"]) == 2
        error = capsys.readouterr().err
        assert error.startswith("ptembed neighbours: standard input") and said in error and error.count("\n") == 1
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"2 2\ns\xffn 1 2\nmoon 1 1\n")))
    assert main(["neighbours", "-", "moon", "-k", "1", "--errors", "ignore"]) == 0
    assert capsys.readouterr().out == "moon: sn 0.949\n"


def test_a_full_disk_is_a_sentence(vectors, tmp_path, monkeypatch, capsys):
    def full(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("ptembed.io.streams.write_whole", full)
    (tmp_path / "old").write_text("old")
    assert main(["export", vectors, str(tmp_path / "old")]) == 2
    assert capsys.readouterr().err.endswith("No space left on device: what was there is there still\n")
    assert (tmp_path / "old").read_text() == "old"


def test_neighbours_are_those_of_the_cosine(vectors, capsys):
    assert main(["neighbours", vectors, "sun", "cat", "-k", "1"]) == 0
    assert capsys.readouterr().out == "sun: star 0.995\ncat: dog 0.995\n"


def test_scores(vectors, tmp_path, capsys):
    (tmp_path / "pairs").write_text("sun\tstar\t9\nsun\tcat\t1\nstar\tdog\t2\nx\ty\t3\n")
    (tmp_path / "four").write_text(": one\nsun star cat dog\nsun cat star moon\n")
    files = ["--pairs", str(tmp_path / "pairs"), "--analogies", str(tmp_path / "four")]
    assert main(["evaluate", vectors, *files, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "similarity": {"spearman": 1.0, "pairs": 3},
        "analogies": {"right": 0.5, "questions": 2},
    }
    assert main(["evaluate", vectors, *files[:2]]) == 0
    assert capsys.readouterr().out == "similarity: spearman 1.0, pairs 3\n"


@pytest.mark.parametrize("format", ["word2vec", "word2vec-binary", "glove"])
def test_exported_files_have_the_same(vectors, tmp_path, capsys, format):
    out = tmp_path / "out"
    assert main(["export", vectors, str(out), "--format", format]) == 0
    words, exported = read_vectors(out, format)
    assert words == WORDS
    np.testing.assert_array_equal(exported, E)


def test_a_folder_for_the_projector(vectors, tmp_path, capsys):
    assert main(["export", vectors, str(tmp_path / "run"), "--format", "projector", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["words"] == 5
    assert (tmp_path / "run/metadata.tsv").read_text().split() == WORDS


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (["neighbours", "VECTORS", "mars"], "'mars' must be one of the 5 words"),
        (["neighbours", "no-such-file", "sun"], "no-such-file"),
        (["train", "no-such-file", "--out", "v"], "must be a text file"),
        (["train", "VECTORS", "--out", "no/such/folder/v"], "folder .* must exist"),
        (["train", "VECTORS", "--out", "-", "--json"], "leave out --json"),
        (["train", "VECTORS", "--out", "v", "--min-count", "99"], "none that occurs 99 times"),
        (["train", "VECTORS", "--out", "."], ". must be a file, and is a folder"),
        (["export", "VECTORS", "-", "--format", "projector"], "needs a folder"),
        (["evaluate", "VECTORS"], "--pairs FILE, --analogies FILE or both"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(vectors, capsys, arguments, match, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    try:
        status = main([vectors if argument == "VECTORS" else argument for argument in arguments])
    except SystemExit as stop:
        status = stop.code
    told = capsys.readouterr()
    assert status == 2 and not told.out
    assert re.search(match, told.err)
    assert not (tmp_path / "v").exists()


@pytest.mark.parametrize("command", ["train", "neighbours", "evaluate", "export", "doctor", "legacy"])
def test_help_shows_an_example(command, capsys):
    with pytest.raises(SystemExit) as stop:
        main([command, "--help"])
    assert stop.value.code == 0
    assert "example: " in capsys.readouterr().out


def test_the_benchmarks_have_the_help_of_their_own(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["bench", "--help"])
    assert stop.value.code == 0
    assert "COMPARISON" in capsys.readouterr().out
