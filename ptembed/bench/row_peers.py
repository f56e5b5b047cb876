"""The sides of other libraries: torch, FBGEMM on the CPU, and real Theano 1.0.5 in a process of its own.

Each is written as its users write it: torch's ``Embedding`` with an optimizer of ``torch.optim``; FBGEMM's table whose
backward pass applies the optimizer; a compiled Theano function. The ids are tensors of the library before the time is
taken.

Read next: :mod:`ptembed.bench.rows`.
"""

import json
import os
import select
import subprocess
import tempfile
import warnings
from pathlib import Path

import numpy as np

from ptembed.bench.row_sides import ADAM, EPSILON, OPTIMIZERS
from ptembed.bench.theano_process import environment, last_line
from ptembed.bench.timing import Side

__all__ = ["TheanoSide", "fbgemm", "missing", "torch_dense", "torch_sparse"]

INSTALL = {"torch": "pip install torch==2.13.0", "fbgemm_gpu": "pip install torch==2.13.0 fbgemm-gpu-cpu==1.8.0"}
START, ANSWER = 600, 120  # seconds that Theano may take to compile, and to answer


def missing(python37):
    """For each peer that is not here its name and a line that says how to get it."""
    absent = {}
    for module, install in INSTALL.items():
        try:
            _quietly_imported(module)
        except (ImportError, OSError) as error:
            absent[module] = f"{module} is left out ({type(error).__name__}): {install}"
    if python37 is None:
        absent["theano"] = (
            "Theano 1.0.5 is left out: give --python37 PATH, a Python 3.7 with "
            "pip install 'numpy<1.17' 'scipy<1.3' Theano==1.0.5"
        )
    return absent


def torch_sparse(optimizer, W, m):
    """torch with a sparse gradient, which SGD, Adagrad and SparseAdam take."""
    return _torch(optimizer, W, True)


def torch_dense(optimizer, W, m):
    """torch with a dense gradient."""
    return _torch(optimizer, W, False)


def fbgemm(optimizer, W, m):
    """FBGEMM's table on the CPU, whose optimizers change the rows in the backward pass."""
    torch = _torch_library()
    table = _quietly_imported("fbgemm_gpu.split_table_batched_embeddings_ops_training")
    kinds = _quietly_imported("fbgemm_gpu.split_embedding_configs").EmbOptimType
    kind = {"SGD": "EXACT_SGD", "Adagrad": "EXACT_ADAGRAD", "row-wise Adagrad": "EXACT_ROWWISE_ADAGRAD"}[optimizer]
    place = (*W.shape, table.EmbeddingLocation.HOST, table.ComputeDevice.CPU)
    rate = OPTIMIZERS[optimizer][0]
    rows = table.SplitTableBatchedEmbeddingBagsCodegen([place], optimizer=kinds[kind], learning_rate=rate, eps=EPSILON)
    weights = rows.split_embedding_weights()[0]
    weights.copy_(torch.from_numpy(W))

    def step(ids, ends):
        loss = _torch_loss(torch, rows(ids, ends).view(-1, 3, W.shape[1]))
        loss.backward()
        return loss

    def prepare(ids):
        return torch.from_numpy(ids.ravel()), torch.arange(ids.size + 1)

    return Side("FBGEMM", step, lambda i: weights[i].numpy(), prepare)


class TheanoSide:
    """SGD on real Theano; a side like :class:`ptembed.bench.timing.Side`, in a process that takes the time by itself.

    Parameters
    ----------
    form : str
        "dense", by the gradient with respect to all of ``W``, or "rows", by ``inc_subtensor`` of the rows read.
    W : float32 matrix, shape (N, d)
    m : int
        Triples a step.
    python37 : str
        A Python that has Theano 1.0.5.

    Raises
    ------
    RuntimeError
        When it cannot run Theano, or does not answer; also from the methods.
    """

    versus = True

    def __init__(self, form, W, m, python37):
        script = Path(__file__).with_name("theano_rows.py")
        flags = "floatX=float32," + os.environ.get("THEANO_FLAGS", "")
        self.errors = tempfile.TemporaryFile("w+")  # noqa: SIM115  open as long as the process
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": self.errors}
        with tempfile.TemporaryDirectory() as folder:
            matrix = Path(folder) / "W.npy"
            np.save(matrix, W)
            call = [python37, script, form, matrix, str(OPTIMIZERS["SGD"][0]), str(m)]
            self.process = subprocess.Popen(call, text=True, env=environment(python37, THEANO_FLAGS=flags), **pipes)
            version = self._answer(START)["ready"]
        self.name = f"Theano {version}, {'dense form' if form == 'dense' else 'inc_subtensor'}"

    def run(self, ids):
        self._take(np.repeat(ids[None], 3, axis=0), ANSWER)

    def rows(self, i):
        return np.array(self._ask(rows=np.asarray(i).tolist())["rows"], np.float32)

    def seconds(self, draw, calls, limit, before=None):
        return float(np.median(self._take(draw(calls), limit)))

    def close(self):
        self.process.stdin.close()
        self.process.wait(ANSWER)
        self.process.stdout.close()
        self.errors.close()

    def _take(self, batches, limit):
        batches = batches[:, 0] if batches.shape[1] == 1 else batches
        return self._ask(ids=batches.tolist(), limit=limit)["seconds"]

    def _ask(self, **order):
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return self._answer(ANSWER)

    def _answer(self, limit):
        line = self.process.stdout.readline() if select.select([self.process.stdout], [], [], limit)[0] else ""
        if line:
            return json.loads(line)
        self.process.kill()
        self.process.communicate()
        self.errors.seek(0)
        last = last_line(self.errors.read())
        raise RuntimeError(f"the Python 3.7 must run Theano 1.0.5 and answer within {limit} s, but it did not: {last}")


def _torch(optimizer, W, sparse):
    torch = _torch_library()
    rows = torch.nn.Embedding(*W.shape, sparse=sparse, _weight=torch.from_numpy(W.copy()))
    rate = OPTIMIZERS[optimizer][0]
    betas = {"lr": rate, "betas": (ADAM["beta1"], ADAM["beta2"]), "eps": ADAM["epsilon"]}
    descent = {
        "SGD": lambda w: torch.optim.SGD(w, lr=rate),
        "Adagrad": lambda w: torch.optim.Adagrad(w, lr=rate, eps=EPSILON),
        "Adam": lambda w: (torch.optim.SparseAdam if sparse else torch.optim.Adam)(w, **betas),
    }[optimizer](list(rows.parameters()))

    def step(ids):
        descent.zero_grad(set_to_none=True)
        loss = _torch_loss(torch, rows(ids))
        loss.backward()
        descent.step()
        return loss

    name = f"torch, {'sparse' if sparse else 'dense'} gradient"
    return Side(name, step, lambda i: rows.weight.detach()[i].numpy(), lambda ids: (torch.from_numpy(ids),))


def _torch_library():
    torch = _quietly_imported("torch")
    torch.set_num_threads(1)
    torch.sparse.check_sparse_tensor_invariants.disable()  # as by default, without the warning that they are
    return torch


def _torch_loss(torch, x):
    r, p, n = x.unbind(1)
    softplus = torch.nn.functional.softplus
    return (softplus(-(r * p).sum(1)) + softplus((r * n).sum(1))).sum()


def _quietly_imported(module):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return __import__(module, fromlist=["_"])
