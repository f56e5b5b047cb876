"""Linear algebra by SciPy."""

from pytensor.tensor.linalg import Cholesky, Eigvalsh, Expm, Solve, cholesky, eigvalsh, expm, kron, solve
