"""The formats that are read: whole files of each, its reader, and the errors that the reader's docstring names."""

import bz2
import configparser
import contextlib
import gzip
import io
import json
import lzma
import os
import pickle
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ptembed.data.table import read_table
from ptembed.io import formats, glove, judgements, sentences, word2vec

VECTORS = (["sun", "moon", "Straße", "月"], np.array([[1, 0.5], [0, 2], [-1e-3, 3], [1e10, 4]]))
PAIRS = b"Word 1,Word 2,Human (mean)\nlove,sex,6.77\ntiger,cat,7.35\n# a remark\ncar\tautomobile\t8.94\n"
ANALOGIES = b": capital-common-countries\nAthens Greece Baghdad Iraq\n# remark\n: family\nboy girl king queen\n"
TEXT = "Der Mond, ist aufgegangen!\n\nDie goldnen Sternlein prangen\nam Himmel hell und klar. Straße 月\n".encode()
PICKLES = Path(__file__).parents[1] / "legacy" / "pickles"
FLAGS = b"""[global]
floatX = float32
device = cpu
mode = FAST_RUN
openmp = False
[blas]
ldflags = -lblas
[nvcc]
fastmath = True
[gcc]
cxxflags = -O%(PID)s
"""
PYTHON2 = [
    b'#!/usr/bin/env python2\n# -*- coding: utf-8 -*-\nimport cPickle, sys\nprint >>sys.stderr, "a", `1 + 1`\n'
    b"def f((a, b), c=0777, d=10L):\n    try:\n\texec 'x = 1' in {}\n    except (IOError, OSError), e:\n\traise "
    b"ValueError, 'no', None\n    return a <> b and u'\\xe9' or {}.has_key(c)\n",
    b"# coding: latin-1\nclass A:\n    __metaclass__ = type\n    def next(self): return map(None, [1], 'a\xe9')\n"
    b"print 'x',\nfor k, v in {1: 2}.iteritems(): print k / v; raw_input\nassert 1, lambda (x, y): x\n",
]


def same(content):
    return content


@dataclass
class Format:
    """A format.

    Attributes
    ----------
    file : str
        The name under which a file is given to the reader.
    forms : function of a folder
        Gives pairs: what is damaged, and the function that makes a file of it.
    read : function of a path
    errors : tuple of classes
    """

    file: str
    forms: Callable
    read: Callable
    errors: tuple = (ValueError, OSError)
    around: Callable = contextlib.nullcontext

    @contextlib.contextmanager
    def prepared(self, folder):
        """The whole files, with what the reader needs around it."""
        with self.around():
            yield self.forms(folder)


# ---- vectors, and what people said


def written(write, *args, name="x", **options):
    def forms(folder):
        write(folder / name, *args, **options)
        content = (folder / name).read_bytes()
        (folder / name).unlink()
        if name.endswith(".gz"):
            return [(content, same), (gzip.decompress(content), gzip.compress)]
        return [(content, same)]

    return forms


def given(*contents, packed=False):
    def forms(folder):
        pairs = [(content, same) for content in contents]
        return (
            [(gzip.compress(c), same) for c in contents] + [(c, gzip.compress) for c in contents] if packed else pairs
        )

    return forms


def check_vectors(found):
    assert found.E.dtype == np.float32 and len(found.words) == len(found.E) == len(set(found.words))
    assert np.isfinite(found.E).all() and all(isinstance(word, str) for word in found.words)


def vectors(read, **options):
    return lambda path: check_vectors(read(path, **options))


def check_pairs(path):
    assert all(np.isfinite(score) for *_, score in judgements.read_pairs(path))


# ---- values and layers


def members_of(content):
    """An ``.npz`` or another zip file, and each of its members within it."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    return [(content, same), *((part, zipped_with(parts, name)) for name, part in parts.items())]


def zipped_with(parts, changed):
    def pack(content):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as zip_file:
            for name, part in parts.items():
                zip_file.writestr(name, content if name == changed else part)
        return file.getvalue()

    return pack


def about_of(content):
    """The JSON of a checkpoint within it, too."""
    with np.load(io.BytesIO(content)) as file:
        arrays = dict(file)

    def pack(text):
        file = io.BytesIO()
        np.savez(file, **(arrays | {"about": np.frombuffer(text, "uint8")}))
        return file.getvalue()

    return [*members_of(content), *[(arrays["about"].tobytes(), pack)] * 4]


class Values:
    """Variables, a checkpoint of them, and whether a refused one leaves them as they are."""

    def variables(self):
        import pytensor

        kinds = (np.random.MT19937, np.random.PCG64, np.random.Philox, np.random.SFC64)
        arrays = [np.arange(6, dtype="float32").reshape(3, 2), np.array(4), np.array([True, False])]
        return [pytensor.shared(x, name="W") for x in arrays] + [
            pytensor.shared(np.random.Generator(kind(5)), name=kind.__name__) for kind in kinds
        ]

    def forms(self, folder):
        from ptembed.train.checkpoints import save_values

        self.held = self.variables()
        self.first = self.now()
        save_values(folder / "x", self.held, {"epoch": 3, "best": [0.5, None]})
        content = (folder / "x").read_bytes()
        (folder / "x").unlink()
        return about_of(content)

    def now(self):
        values = [var.get_value(borrow=True) for var in self.held]
        states = [json.dumps(value.bit_generator.state, default=np.ndarray.tolist) for value in values[3:]]
        return [value.tobytes() for value in values[:3]] + states

    def read(self, path):
        from ptembed.train.checkpoints import load_values

        try:
            load_values(path, self.held)
        except (ValueError, OSError):
            assert self.now() == self.first
            raise
        for var in self.held[3:]:
            var.get_value(borrow=True).random(3)
            var.get_value(borrow=True).integers(0, 9, 3, "uint8")
        self.held = self.variables()  # as they were


def layer_forms(folder):
    from ptembed.graphs.factored import FactoredOutput
    from ptembed.train.factored_checkpoints import save_layer

    save_layer(folder / "x", FactoredOutput.from_dense(np.eye(3, 2)))
    content = (folder / "x").read_bytes()
    (folder / "x").unlink()
    return about_of(content)


def read_layer(path):
    from ptembed.train.factored_checkpoints import load_layer

    layer = load_layer(path)
    layer.to_dense()


# ---- tables, and blocks of counts

TABLE = b"one\ttwo\na\tb\nStra\xc3\x9fe\t\xe6\x9c\x88\n\t\n"


def table_forms(folder):
    return [(lzma.compress(TABLE), same), (TABLE, lzma.compress)]


def read_columns(path):
    columns = read_table(path, ("one", "two"))
    assert len(columns) == 2 and len(columns[0]) == len(columns[1])


class Counts:
    """A block of counts; one of its three files is damaged, and added to a block that is whole."""

    parts = (np.array([0, 2, 3]), np.array([0, 2, 1], np.int32), np.array([1, 2, 0.5], np.float32))
    names = ("indptr", "indices", "data")

    def forms(self, folder):
        def npy(array):
            file = io.BytesIO()
            np.save(file, array)
            return file.getvalue()

        def named(name):
            return lambda content: name.encode() + b"\n" + content

        def packed(name, array):
            k = array.itemsize
            return lambda content: named(name)(npy(np.frombuffer(content[: len(content) // k * k], array.dtype)))

        forms = []
        for name, array in zip(self.names, self.parts, strict=True):
            forms += [(npy(array), named(name)), (array.tobytes(), packed(name, array))]
        return forms

    def read(self, path):
        import tempfile

        from ptembed.factor import count_files

        name, content = path.read_bytes().split(b"\n", 1)
        with tempfile.TemporaryDirectory() as folder:
            stems = [count_files.write_block(folder, number, self.parts) for number in range(2)]
            Path(f"{stems[1]}-{name.decode()}.npy").write_bytes(content)
            X = count_files.merged(stems, (2, 3), "float32")
        assert X.shape == (2, 3) and np.isfinite(X.data).all() and X.nnz <= 6
        assert X.nnz == 0 or 0 <= X.indices.min() <= X.indices.max() < 3


# ---- pickles


def pickle_forms(folder):
    import ptembed.theano as theano

    names = ("parameters", "values", "types", "containers", "graph", "streams", "on_gpu", "loop")
    contents = [
        bz2.decompress((PICKLES / python / f"{name}.pkl.bz2").read_bytes())
        for python in ("py27", "py37")
        for name in names
    ]
    model = {"W": theano.shared(np.ones((2, 3)), name="W"), "x": [theano.tensor.fmatrix("x")], "n": np.float32(2)}
    contents += [pickle.dumps(model, protocol) for protocol in range(6)]
    return [(content, same) for content in contents]


def read_pickle(path):
    from ptembed.legacy import pickles

    pickles.load(path)


def zip_forms(folder):
    contents = [(PICKLES / name).read_bytes() for name in ("ours.zip", "py27/model.zip", "py37/model.zip")]
    return [pair for content in contents for pair in members_of(content)]


def array_forms(folder):
    """As :func:`zip_forms`, the pickle being whole: a plain one raises what it says."""
    contents = [(PICKLES / name).read_bytes() for name in ("ours.zip", "py27/model.zip", "py37/model.zip")]
    forms = []
    for content in contents:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            parts = {name: file.read(name) for name in file.namelist()}
        forms += [(part, zipped_with(parts, name)) for name, part in parts.items() if name != "pkl"]
        forms += [(content, same)] * 2
    return forms


def read_zip(path):
    from ptembed.theano.misc import pkl_utils

    with open(path, "rb") as file:
        pkl_utils.load(file)


# ---- flags, and sources


@contextlib.contextmanager
def with_flags():
    from pytensor.configdefaults import config as todays

    from ptembed.theano import configsources
    from ptembed.theano.configdefaults import FORWARDED

    names = [flag.replace(".", "__") for flag in FORWARDED]
    before = {name: getattr(todays, name) for name in names}, list(configsources.config_files)
    try:
        yield
    finally:
        configsources.config_files[:] = before[1]
        for name, value in before[0].items():
            setattr(todays, name, value)


def set_flags(flags, source):
    from ptembed.theano import configparser as parser

    config = parser.TheanoConfigParser()
    for flag, value in flags.items():
        if flag in parser.KNOWN:
            config._set(flag, value)


def read_theanorc(path):
    from ptembed.theano import configsources

    configsources.config_files[:] = [str(path)]
    files, raw = configsources.theano_cfg, configsources.theano_raw_cfg
    try:
        configsources.theano_cfg = configsources._ini(configparser.ConfigParser)
        configsources.theano_raw_cfg = configsources._ini(configparser.RawConfigParser)
        set_flags(configsources.flags_in_files(), str(path))
    finally:
        configsources.theano_cfg, configsources.theano_raw_cfg = files, raw


def read_theano_flags(path):
    from ptembed.theano.configsources import parse_config_string

    set_flags(parse_config_string(os.fsdecode(path.read_bytes())), "THEANO_FLAGS")


@contextlib.contextmanager
def without_cache():
    """Translations that are not kept."""
    before = os.environ.get("PTEMBED_CACHE")
    os.environ["PTEMBED_CACHE"] = os.devnull
    try:
        yield
    finally:
        os.environ.pop("PTEMBED_CACHE")
        if before is not None:
            os.environ["PTEMBED_CACHE"] = before


def read_source(path):
    from ptembed.legacy.python2 import code_of, language

    data = path.read_bytes()
    language.is_python2(str(path), data)
    code_of(data, str(path))


def read_sentences(path):
    for sentence in sentences.Sentences(path):
        assert sentence and all(isinstance(word, str) for word in sentence)


w2v, glv = word2vec.write_word2vec, glove.write_glove
VALUES, COUNTS = Values(), Counts()
FORMATS = {
    "word2vec": Format("x.txt", written(w2v, *VECTORS), vectors(word2vec.read_word2vec)),
    "word2vec-gz": Format("x.gz", written(w2v, *VECTORS, name="x.gz"), vectors(word2vec.read_word2vec)),
    "word2vec-binary": Format(
        "x.bin", written(w2v, *VECTORS, binary=True), vectors(word2vec.read_word2vec, binary=True)
    ),
    "word2vec-binary-gz": Format(
        "x.bin.gz", written(w2v, *VECTORS, binary=True, name="x.gz"), vectors(word2vec.read_word2vec, binary=True)
    ),
    "glove": Format("x.txt", written(glv, *VECTORS), vectors(glove.read_glove)),
    "glove-gz": Format("x.gz", written(glv, *VECTORS, name="x.gz"), vectors(glove.read_glove)),
    "vectors": Format("x.vec", written(w2v, *VECTORS), vectors(formats.read_vectors)),
    "vectors-gz": Format("x.gz", written(glv, *VECTORS, name="x.gz"), vectors(formats.read_vectors)),
    "pairs": Format("x.csv", given(PAIRS), check_pairs),
    "pairs-gz": Format("x.gz", given(PAIRS, packed=True), check_pairs),
    "analogies": Format("x.txt", given(ANALOGIES), judgements.read_analogies),
    "sentences": Format("x.txt", given(TEXT), read_sentences),
    "sentences-gz": Format("x.gz", given(TEXT, packed=True), read_sentences),
    "table": Format("x.tsv.xz", table_forms, read_columns, (OSError,)),
    "counts": Format("x", COUNTS.forms, COUNTS.read),
    "values": Format("x.npz", VALUES.forms, VALUES.read),
    "layer": Format("x.npz", layer_forms, read_layer),
    "pickle": Format("x.pkl", pickle_forms, read_pickle, (pickle.UnpicklingError,)),
    "pickle-zip": Format("x.zip", zip_forms, read_pickle, (pickle.UnpicklingError,)),
    "zip": Format("x.zip", array_forms, read_zip, (zipfile.BadZipFile, OSError)),
    "theanorc": Format("x", given(FLAGS), read_theanorc, (ValueError, configparser.Error), with_flags),
    "theano-flags": Format(
        "x",
        given(b"floatX=float32,blas.ldflags='-lblas -lm',device=gpu0", b"mode=FAST_RUN, optimizer=fast_compile"),
        read_theano_flags,
        (ValueError,),
        with_flags,
    ),
    "python2": Format("x.py", given(*PYTHON2), read_source, (SyntaxError,), without_cache),
}
