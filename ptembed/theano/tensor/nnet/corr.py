"""Correlations in two dimensions, by products of matrices: what those of :mod:`.abstract_conv` become.

They compute the same. Graphs show by them that nothing is left to choose, and convolutions that differ in what is known
of their shapes alone become one. The rewrite has Theano's tag ``conv_gemm``.
"""

from pytensor.compile.mode import optdb
from pytensor.graph.rewriting.basic import copy_stack_trace, dfs_rewriter, node_rewriter
from pytensor.scalar import upcast

from ptembed.ops.convolution import Convolution, ConvolutionGradInputs, ConvolutionGradWeights, ConvolutionOp
from ptembed.ops.convolution_geometry import borders
from ptembed.theano.gof._protocol import TheanoOp
from ptembed.theano.tensor.conversion import as_tensor_variable
from ptembed.theano.tensor.nnet.conv_shapes import get_conv_gradinputs_shape, get_conv_gradweights_shape

__all__ = ["BaseCorrMM", "CorrMM", "CorrMM_gradInputs", "CorrMM_gradWeights", "convolution_to_corr"]


class BaseCorrMM(TheanoOp, ConvolutionOp):
    """What the Ops share.

    Parameters
    ----------
    border_mode, subsample, filter_dilation, num_groups, unshared
        As :class:`ptembed.ops.convolution.ConvolutionOp` has them.
    openmp : optional
        Ignored.
    filter_flip : bool, optional
        Whether the kernels are turned around, as a correlation does not.
    """

    convdim = 2
    check_broadcast = False
    _direction: str | None = None
    __props__ = ("border_mode", "subsample", "filter_dilation", "num_groups", "unshared", "filter_flip")

    def __init__(
        self,
        border_mode="valid",
        subsample=(1, 1),
        filter_dilation=(1, 1),
        num_groups=1,
        unshared=False,
        openmp=None,
        filter_flip=False,
    ):
        options = (border_mode, subsample, filter_dilation, num_groups, unshared, filter_flip)
        super().__init__(self.convdim, *options)
        self.openmp = openmp
        if self._direction is None:
            raise ValueError("_direction must be one of 'forward', 'backprop weights', 'backprop inputs'")

    def __setstate__(self, state):
        self.__dict__.update({"num_groups": 1, "unshared": False, "filter_flip": False, **state})

    def __str__(self):
        names = (*("border_mode", "subsample", "filter_dilation", "num_groups"), "unshared")
        return f"{type(self).__name__}{{{', '.join(str(getattr(self, name)) for name in names)}}}"

    @property
    def pad(self):
        """The zeros around an image, -1 for half of the kernel and -2 for all but one."""
        return borders(self.border_mode, self.convdim)

    def sibling(self, kind):
        return FAMILIES[self.convdim][kind](**{name: getattr(self, name) for name in self.__props__})

    def as_common_dtype(self, in1, in2):
        """Both, of the dtype that holds both."""
        dtype = upcast(in1.dtype, in2.dtype)
        return in1.astype(dtype), in2.astype(dtype)

    def flops(self, inp, outp):
        """How many multiplications and additions there are."""
        images, kernels = {"forward": inp, "backprop weights": (inp[0], outp[0])}.get(
            self._direction, (outp[0], inp[0])
        )
        result = outp[0] if self._direction == "forward" else inp[1]
        count = 2 * images[1] * kernels[0] * images[0] // self.num_groups
        for n in (*kernels[-self.convdim :], *result[2:]):
            count *= n
        return count

    def _common(self, a, b):
        return self.as_common_dtype(as_tensor_variable(a), as_tensor_variable(b))

    def _without_shape(self, known):
        """The shape that follows where none is given.

        Raises
        ------
        ValueError
            If none follows.
        """
        if any(n is None for n in known):
            raise ValueError('shape must be given if subsample is not 1, or border_mode is "half" for a kernel')
        return list(known)


class CorrMM(BaseCorrMM, Convolution):
    """Correlation: called with images and kernels."""

    _direction = "forward"

    def make_node(self, img, kern):
        return super().make_node(*self._common(img, kern))


class CorrMM_gradWeights(BaseCorrMM, ConvolutionGradWeights):
    """The gradient by the kernels: called with images, the result's gradient and the kernels' lengths.

    The lengths may be left out where they follow from the other two.
    """

    _direction = "backprop weights"

    def make_node(self, img, topgrad, shape=None):
        img, topgrad = self._common(img, topgrad)
        if shape is None:
            options = (self.border_mode, self.subsample, self.filter_dilation)
            known = get_conv_gradweights_shape(_lengths(img), _lengths(topgrad), *options)
            shape = self._without_shape(known[-self.convdim :])
        return super().make_node(img, topgrad, as_tensor_variable(shape).astype("int64"))


class CorrMM_gradInputs(BaseCorrMM, ConvolutionGradInputs):
    """The gradient by the images: called with kernels, the result's gradient and the images' lengths.

    The lengths may be left out for a stride of 1.
    """

    _direction = "backprop inputs"

    def make_node(self, kern, topgrad, shape=None):
        kern, topgrad = self._common(kern, topgrad)
        if shape is None:
            options = (self.border_mode, self.subsample, self.filter_dilation)
            known = get_conv_gradinputs_shape(_lengths(kern), _lengths(topgrad), *options)
            shape = self._without_shape(known[-self.convdim :])
        return super().make_node(kern, topgrad, as_tensor_variable(shape).astype("int64"))


def _lengths(x):
    return [x.shape[i] for i in range(x.type.ndim)]


FAMILIES = {2: (CorrMM, CorrMM_gradWeights, CorrMM_gradInputs)}


@node_rewriter([ConvolutionOp])
def convolution_to_corr(fgraph, node):
    """Replace a convolution or gradient of another family, if the types of the results are the same."""
    op = node.op
    if isinstance(op, BaseCorrMM) or op.convdim not in FAMILIES:
        return None
    kind = next(i for i, of_kind in enumerate(KINDS) if isinstance(op, of_kind))
    family = FAMILIES[op.convdim][kind]
    out = family(**{name: getattr(op, name) for name in family.__props__})(*node.inputs)
    if out.type != node.outputs[0].type:
        return None
    copy_stack_trace(node.outputs[0], out)
    return [out]


KINDS = (Convolution, ConvolutionGradWeights, ConvolutionGradInputs)
optdb.register(
    "convolution_to_corr", dfs_rewriter(convolution_to_corr), "fast_run", "fast_compile", "conv_gemm", position=48.6
)
