"""Products and convolutions on a GPU: the convolutions run on the CPU."""

from ptembed.theano._gpu import gpu_getattr

__getattr__ = gpu_getattr(__name__)


def _on_the_cpu(gpu_name, module, cpu_name):
    """Make a class whose instances are the CPU's: no Op is an instance of the class itself."""

    def __new__(cls, *args, **kwargs):
        from ptembed.theano.tensor.nnet import corr, corr3d

        return getattr(corr3d if module == "corr3d" else corr, cpu_name)(*args, **kwargs)

    doc = f"Makes :class:`ptembed.theano.tensor.nnet.{module}.{cpu_name}`."
    return type(gpu_name, (), {"__new__": __new__, "__module__": __name__, "__doc__": doc})


GpuCorrMM = _on_the_cpu("GpuCorrMM", "corr", "CorrMM")
GpuCorrMM_gradWeights = _on_the_cpu("GpuCorrMM_gradWeights", "corr", "CorrMM_gradWeights")
GpuCorrMM_gradInputs = _on_the_cpu("GpuCorrMM_gradInputs", "corr", "CorrMM_gradInputs")
GpuCorr3dMM = _on_the_cpu("GpuCorr3dMM", "corr3d", "Corr3dMM")
GpuCorr3dMM_gradWeights = _on_the_cpu("GpuCorr3dMM_gradWeights", "corr3d", "Corr3dMM_gradWeights")
GpuCorr3dMM_gradInputs = _on_the_cpu("GpuCorr3dMM_gradInputs", "corr3d", "Corr3dMM_gradInputs")
