"""What writes files, and what tells which version of them lies there: for tests that interrupt the writing.

A version is a number that all values of a file are, so that a file with parts of two is told from a whole one.
"""

from types import SimpleNamespace

import numpy as np
import pytensor

from ptembed.data.table import read_table, write_table
from ptembed.graphs.factored import FactoredOutput
from ptembed.io import glove, projector, word2vec
from ptembed.train.checkpoints import load_values, read_values, save_values
from ptembed.train.factored_checkpoints import load_layer, save_layer

WORDS = [f"word{k}" for k in range(400)]


def vectors(version):
    return np.full((len(WORDS), 20), version, "float32")


def version_of(E):
    """The version, if all is of one."""
    assert E.min() == E.max(), "parts of two versions"
    return int(E.min())


def save_two(path, version):
    values = [np.full((300, 100), version, "float32"), np.array(version)]
    save_values(
        path, [SimpleNamespace(name=str(k), get_value=lambda borrow, x=x: x) for k, x in enumerate(values)], version
    )


def version_of_two(path):
    about, (W, n) = read_values(path)
    assert version_of(W) == n == about["state"]
    variables = [pytensor.shared(x, name=str(k)) for k, x in enumerate((np.zeros_like(W), np.array(0)))]
    assert load_values(path, variables) == n == version_of(variables[0].get_value())
    return int(n)


def save_factors(path, version, layer=FactoredOutput.from_dense(np.eye(50, 4))):  # noqa: B008
    layer.V.get_value(borrow=True)[...] = version
    save_layer(path, layer)


def save_projector(path, version):
    projector.write_projector(path, WORDS, vectors(version))


def version_of_projector(path):
    assert (path / "metadata.tsv").read_text().split() == WORDS
    return version_of(np.loadtxt(path / "tensors.tsv"))


def save_table(path, version):
    write_table(path, ("one", "two"), [(str(version), str(version))] * 50)


#: By name: the file, what writes a version of it, and what reads the version.
SAVERS = {
    "values": ("x.npz", save_two, version_of_two),
    "layer": ("x.npz", save_factors, lambda path: version_of(load_layer(path).V.get_value())),
    "table": ("x.tsv.xz", save_table, lambda path: version_of(np.array(read_table(path, ("one", "two")), int))),
    "projector": ("folder", save_projector, version_of_projector),
    "glove": (
        "x.txt",
        lambda path, version: glove.write_glove(path, WORDS, vectors(version)),
        lambda path: version_of(glove.read_glove(path).E),
    ),
    **{
        f"word2vec{end}": (
            f"x{end}",
            lambda path, version, binary=binary: word2vec.write_word2vec(path, WORDS, vectors(version), binary=binary),
            lambda path, binary=binary: version_of(word2vec.read_word2vec(path, binary=binary).E),
        )
        for end, binary in ((".txt", False), (".txt.gz", False), (".bin", True))
    },
}
