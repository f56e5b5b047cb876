"""Small runs of everything that computes, for :mod:`test_determinism`: ``python runs.py`` prints what each gives.

A run takes nothing and gives what was computed: arrays, numbers, files, estimators, or lists of them.
"""

import hashlib
import json
import sys
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
import pytensor
import pytensor.tensor as pt
import scipy.sparse as sp
from pytensor.compile import Mode

from ptembed import estimators, graphs, parallel, train
from ptembed.factor import (
    affinity,
    constrained,
    constraints,
    counts,
    dictionary,
    dictionary_online,
    neighbours,
    nmf,
    nmf_online,
    omp,
    propagation,
    vocabulary,
)
from ptembed.graphs import spherical
from ptembed.graphs.factored import FactoredOutput
from ptembed.train import samplers

RNG = np.random.default_rng(0)
X = sp.random_array((60, 40), density=0.2, rng=np.random.default_rng(1), format="csr", dtype="float64")
X = sp.csr_array(X.astype("float32"))
S = sp.csr_array(X @ X.T)
DENSE = RNG.normal(size=(60, 12)).astype("float32")
ATOMS = RNG.normal(size=(20, 12)).astype("float32")
WORDS = [f"word{k}" for k in range(30)]
TEXTS = [[WORDS[min(i, 29)] for i in RNG.geometric(0.15, 12) - 1] for _ in range(80)]
LABELS = np.arange(60) % 3
RUNS = {}


def run(function):
    RUNS[function.__name__] = function
    return function


def several(prefix, cases):
    """Register a run for each of ``cases``: names and functions without arguments."""
    RUNS.update({f"{prefix}: {name}": function for name, function in cases.items()})


SAMPLERS = {
    "uniform": lambda: samplers.Uniform(50, seed=1),
    "distinct": lambda: samplers.Uniform(50, seed=1, distinct=True),
    "weighted": lambda: samplers.Weighted(np.arange(1, 50), seed=1, distinct=True),
    "unigram": lambda: samplers.Unigram(np.arange(1, 50), seed=1),
    "triplets": lambda: samplers.Triplets(np.arange(50).reshape(-1, 2), samplers.Uniform(50, seed=1), seed=2),
    "balanced": lambda: samplers.ClassBalanced([f"class{k}" for k in LABELS], seed=1),
}
several("sampler", {name: lambda make=make: [make()((5, 4)), make()((3,))] for name, make in SAMPLERS.items()})


def trained(optimizer, mode=None):
    """Two blocks of an optimizer on rows and a dense parameter."""
    W, v = (pytensor.shared(np.random.default_rng(k).normal(size=(20, 3)[k:]), name="Wv"[k]) for k in range(2))
    ids = pt.lvector("ids")
    read = graphs.rows(W, ids)
    loss = (pt.softplus((read.values * v).sum(axis=-1)) ** 2).sum()
    updates = optimizer(loss, [read, v])
    step = train.block([ids], loss, updates, mode=mode)
    sample = samplers.Uniform(20, seed=3)
    return [step(sample((30, 4))), step(sample((30, 4))), *updates]


OPTIMIZERS = ["sgd", "momentum", "nesterov", "adagrad", "rowwise_adagrad", "rmsprop", "adadelta", "ftrl"]
OPTIMIZERS += ["adam", "amsgrad", "adamw", "adamax", "nadam"]
KINDS = {name: getattr(graphs, name) for name in OPTIMIZERS}
KINDS |= {name: partial(KINDS[name], learning_rate=0.1) for name in OPTIMIZERS[:3]}
PYTHON = Mode("py", "fast_run")
several("optimizer", {name: lambda kind=kind: trained(kind, PYTHON) for name, kind in KINDS.items()})
several("compiled optimizer", {name: lambda kind=KINDS[name]: trained(kind) for name in ("sgd", "adam")})


def factored(loss, mode=None, **options):
    W = np.random.default_rng(0).normal(size=(30, 4)) / 10
    layer = FactoredOutput.from_dense(W, momentum="momentum" in options)
    H, idx = pt.dmatrix("H"), pt.lmatrix("idx")
    out = layer(H, idx)
    cost = loss(*out.sums).mean()
    step = pytensor.function([H, idx], cost, updates=out.train(cost, 0.1, **options).updates, mode=mode)
    rng = np.random.default_rng(1)
    costs = [step(rng.random((3, 4)), rng.permutation(30)[:6].reshape(3, 2)) for _ in range(60)]
    return [costs, layer.to_dense()[0], *layer.state]


several("factored layer", {
    "squared error": lambda: factored(spherical.squared_error(), l2=1e-3),
    "momentum": lambda: factored(spherical.squared_error(), PYTHON, momentum=0.9),
    "Z-loss": lambda: factored(spherical.z_loss(30), PYTHON),
    "symbols": lambda: factored(spherical.taylor_softmax(30), PYTHON, fused=False),
})  # fmt: skip


@run
def noise():
    rng = pytensor.shared(np.random.default_rng(0), name="rng")
    after, draws = pt.random.normal(size=(3, 4), rng=rng, return_next_rng=True)
    f = pytensor.function([], draws, updates={rng: after}, mode=PYTHON)
    return [f(), f(), rng]


def one_row(W):
    i = pt.lvector("i")
    read = graphs.rows(W, i)
    loss = (read.values**2).sum()
    return train.block([i], loss, graphs.sgd(loss, read, 0.1), mode=PYTHON)


class Ids:
    def __call__(self, rng):
        while True:
            yield (rng.integers(20, size=(5, 3)),)


@run
def one_process():
    W = pytensor.shared(np.random.default_rng(0).normal(size=(20, 3)), name="W")
    done = parallel.train(one_row, Ids(), tied=[W], blocks=20, seed=5)
    return [W, done.losses]


NMF = {
    "hals": {},
    "multiplicative": {"update": "multiplicative"},
    "random": {"start": "random", "l1": (0.1, 0.0)},
    "sparse": {"hoyer": (None, 0.6)},
    "weighted": {"zero_weight": 0.3},
    "threads": {"n_threads": 2},
}
several("nmf", {name: lambda o=options: nmf.nmf(X, 4, max_iter=8, **o) for name, options in NMF.items()})
several("constrained", {
    f"{form}, {update}": lambda form=form, update=update: constrained.constrained(
        propagation.Affinity(affinity.Graph(S), constraints.constraint_matrix(60, [(0, 3)], [(0, 1)])),
        3, form=form, update=update, max_iter=8,
    )
    for form in ("symmetric", "tri") for update in ("hals", "multiplicative")
})  # fmt: skip


@run
def nmf_of_batches():
    model = nmf_online.OnlineFactors(4)
    return [[model.partial_fit(X[:30]), model.partial_fit(X[30:])], model.H]


@run
def ksvd():
    return dictionary.ksvd(DENSE, 8, 3, max_iter=5)


@run
def dictionary_of_batches():
    return dictionary_online.online_dictionary(DENSE, 8, 3, max_iter=3, batch_size=20)


@run
def sparse_codes():
    return [omp.omp(DENSE, ATOMS, 3), omp.omp(X[:, :12], ATOMS, residual=0.1, positive=True, n_threads=2)]


@run
def nearest():
    found = neighbours.Neighbours(DENSE)
    return [found.near(DENSE[:5], 4), affinity.nearest_graph(X, 5, n_threads=2)]


@run
def counted():
    index, occurred, *stream = vocabulary.numbered(TEXTS, min_count=2)
    keep = counts.subsampled(occurred, 1e-2)
    both = [tuple(stream), tuple(stream)]
    found = [counts.cooccurrences(both, len(index), window=3, distance="harmonic", keep=keep, block=200)]
    return [index, occurred, stream, *found, parallel.cooccurrences(both, len(index), workers=2, window=3)]


@run
def parallel_nmf():
    return parallel.nmf(X, 4, workers=2, max_iter=6)


COMMON = {"random_state": 0}
FITTED = {
    "bags": lambda: estimators.BagClassifier(2, max_iter=2, batch_size=20, **COMMON).fit(X, LABELS),
    "reverse": lambda: estimators.ReverseDictionary(2, max_iter=2, batch_size=20, **COMMON).fit(X, LABELS),
    "nmf": lambda: estimators.SparseNMF(3, max_iter=5, **COMMON).fit(X),
    "constrained": lambda: estimators.ConstrainedNMF(3, max_iter=5, n_neighbors=5, **COMMON).fit(X),
    "dictionary": lambda: estimators.DictionaryLearner(5, n_nonzero_coefs=2, max_iter=3, **COMMON).fit(X),
    "skip-grams": lambda: estimators.WordVectors(3, max_iter=2, min_count=1, **COMMON).fit(TEXTS),
    "svd": lambda: estimators.CooccurrenceVectors(3, min_count=1, **COMMON).fit(TEXTS),
    "topics": lambda: estimators.CooccurrenceVectors(3, factors="nmf", min_count=1, max_iter=5, **COMMON).fit(TEXTS),
}
several("estimator", FITTED)


@run
def word_map():
    import matplotlib

    matplotlib.use("Agg")
    from ptembed import plots

    ax = plots.word_map(DENSE[:30], WORDS)
    return [ax.collections[0].get_offsets().data, [[*text.get_position(), text.get_text()] for text in ax.texts]]


@run
def files():
    from ptembed.data.table import write_table
    from ptembed.io import glove, projector, word2vec

    with tempfile.TemporaryDirectory() as folder:
        path, E = Path(folder), DENSE[:30]
        for end, binary in ((".bin", True), (".txt", False), (".txt.gz", False)):
            word2vec.write_word2vec(path / f"w{end}", WORDS, E, binary=binary)
        glove.write_glove(path / "g.txt", WORDS, E)
        projector.write_projector(path / "p", WORDS, E)
        write_table(path / "t.tsv.xz", ("word", "number"), [(word, "1") for word in WORDS])
        train.save_values(path / "v.npz", [pytensor.shared(E, name="E")], {"step": 3})
        return {str(p.relative_to(path)): p.read_bytes() for p in sorted(path.rglob("*")) if p.is_file()}


def content(x):
    """Bytes that are the same for the same values, whatever holds them."""
    if isinstance(x, np.ndarray | np.generic):
        assert x.dtype.kind != "O", "an array of objects has no bytes of its own"
        return f"{x.dtype.str}{x.shape}".encode() + np.ascontiguousarray(x).tobytes()
    if sp.issparse(x):
        return b"sparse" + content([x.shape, x.indptr, x.indices, x.data])
    if isinstance(x, pytensor.compile.SharedVariable):
        return content(x.get_value(borrow=True))
    if isinstance(x, np.random.Generator):
        return content(x.bit_generator.state)
    if isinstance(x, dict):
        return b"{" + b",".join(content(key) + b":" + content(value) for key, value in x.items()) + b"}"
    if isinstance(x, list | tuple):
        return b"[" + b",".join(map(content, x)) + b"]"
    if x is None or isinstance(x, str | bytes | int | float | bool):
        return repr(x).encode()
    if isinstance(x, FactoredOutput):
        return content(x.state)
    if hasattr(x, "get_params"):
        learnt = {name: value for name, value in sorted(vars(x).items()) if name.endswith("_") and name[0] != "_"}
        assert learnt, "an estimator must have learnt something"
        return content(learnt)
    raise TypeError(f"what a run gives must be numbers, text, arrays or estimators, got {type(x).__name__}")


def digest(name):
    return hashlib.sha256(content(RUNS[name]())).hexdigest()


if __name__ == "__main__":
    print(json.dumps({name: digest(name) for name in sys.argv[1:] or RUNS}))
