"""cuDNN: is not available."""

from ptembed.theano._gpu import dnn_available, gpu_getattr

dnn_present = dnn_available

__getattr__ = gpu_getattr(__name__)


def version(raises=True):
    """-1, or ``RuntimeError`` if ``raises``: there is no cuDNN."""
    if raises:
        raise RuntimeError("There is no cuDNN: everything runs on the CPU; ask dnn_available() first.")
    return -1
