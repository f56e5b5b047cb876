"""Correlations in three dimensions; see :mod:`.corr`."""

from ptembed.theano.tensor.nnet.corr import FAMILIES, BaseCorrMM, CorrMM, CorrMM_gradInputs, CorrMM_gradWeights

__all__ = ["BaseCorr3dMM", "Corr3dMM", "Corr3dMM_gradInputs", "Corr3dMM_gradWeights"]


class BaseCorr3dMM(BaseCorrMM):
    """What the Ops share; see :class:`ptembed.theano.tensor.nnet.corr.BaseCorrMM`."""

    convdim = 3
    __props__ = ("border_mode", "subsample", "filter_dilation", "num_groups", "filter_flip")

    def __init__(
        self,
        border_mode="valid",
        subsample=(1, 1, 1),
        filter_dilation=(1, 1, 1),
        openmp=None,
        num_groups=1,
        filter_flip=False,
    ):
        super().__init__(border_mode, subsample, filter_dilation, num_groups, False, openmp, filter_flip)

    def __str__(self):
        names = ("border_mode", "subsample", "filter_dilation", "num_groups")
        return f"{type(self).__name__}{{{', '.join(str(getattr(self, name)) for name in names)}}}"


class Corr3dMM(BaseCorr3dMM, CorrMM):
    """As :class:`~ptembed.theano.tensor.nnet.corr.CorrMM`."""


class Corr3dMM_gradWeights(BaseCorr3dMM, CorrMM_gradWeights):
    """As :class:`~ptembed.theano.tensor.nnet.corr.CorrMM_gradWeights`."""


class Corr3dMM_gradInputs(BaseCorr3dMM, CorrMM_gradInputs):
    """As :class:`~ptembed.theano.tensor.nnet.corr.CorrMM_gradInputs`."""


FAMILIES[3] = (Corr3dMM, Corr3dMM_gradWeights, Corr3dMM_gradInputs)
