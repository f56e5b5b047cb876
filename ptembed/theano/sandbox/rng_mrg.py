"""Random streams of the generator MRG31k3p: the numbers that Theano 1.0.5 gave for the same seed.

A :class:`MRG_RandomStreams` has a state. Each array of random numbers takes the next ``2**134`` numbers' worth of it
for itself, in a shared matrix with one row for each of its streams, which a call of a function moves on. The generator
is in :mod:`ptembed.ops.mrg31k3p`.
"""

import warnings

import numpy as np
from pytensor.graph.basic import Variable

from ptembed._pytensor import without_deprecations
from ptembed.ops import mrg31k3p
from ptembed.theano import scalar, tensor
from ptembed.theano.compile.sharedvalue import shared
from ptembed.theano.configparser import config
from ptembed.theano.gradient import undefined_grad
from ptembed.theano.sandbox import multinomial
from ptembed.theano.sandbox.mrg_uniform import (
    M1,
    M2,
    NORM,
    A1p72,
    A1p134,
    A2p72,
    A2p134,
    DotModulo,
    ff_2p72,
    ff_2p134,
    matVecModM,
    mrg_next_value,
    mrg_random_make_inplace,
    mrg_uniform,
    mrg_uniform_base,
    multMatVect,
)
from ptembed.theano.tensor.raw_random import probability

__all__ = [
    "DotModulo",
    "MRG_RandomStreams",
    "ff_2p72",
    "ff_2p134",
    "guess_n_streams",
    "matVecModM",
    "mrg_next_value",
    "mrg_random_make_inplace",
    "mrg_uniform",
    "mrg_uniform_base",
    "multMatVect",
]

for _moved in (DotModulo, mrg_uniform, mrg_uniform_base):
    _moved.__module__ = __name__  # which pickles name

MOST_STREAMS = 60 * 256
STD_IN_TWO = 0.87962566103423978  # of a standard normal variable in [-2, 2]


def guess_n_streams(size, warn=False):
    """Choose how many streams an array is drawn from: a sixth of its length, at most 15360.

    Parameters
    ----------
    size : tuple or list of int, or Variable
    warn : bool, optional
        Whether to warn when ``size`` is not known, in which case it is 15360.

    Returns
    -------
    int
    """
    if isinstance(size, tuple | list) and all(isinstance(n, int) for n in size):
        count = int(np.prod(size, dtype=object))
        return min(count // 6 if count > 6 else count, MOST_STREAMS)
    if warn:
        text = f"MRG_RandomStreams Can't determine #streams from size ({size}), guessing 60*256"
        warnings.warn(text, stacklevel=3)
    return MOST_STREAMS


class MRG_RandomStreams:
    """Random variables whose numbers are those of Theano 1.0.5 for the same seed.

    Parameters
    ----------
    seed : int or list of 6 int, optional
        One number stands for six. The first three are below 2147483647, the last three below 2147462579; neither three
        are all 0.

    Attributes
    ----------
    rstate : int32 array, shape (6,)
        Where the next random variable's numbers start. To go on later as from now, keep it and the values of the shared
        states.
    state_updates : list of tuple
        For each random variable: its shared state, the new state, the size and the ``nstreams`` it was asked with.

    Examples
    --------
    >>> import ptembed.theano as theano
    >>> srng = MRG_RandomStreams(seed=234)
    >>> draw = theano.function([], srng.uniform((2,), dtype="float64"))
    >>> draw().round(6).tolist()
    [0.449904, 0.306247]
    """

    def __init__(self, seed=12345):
        self.state_updates = []
        self.default_instance_seed = seed
        self.set_rstate(seed)

    def updates(self):
        """Give :attr:`state_updates` as a list of its own."""
        return list(self.state_updates)

    def set_rstate(self, seed):
        """Let the random variables made from now on follow from ``seed``; see the class.

        Raises
        ------
        ValueError
            For a seed out of range, or of zeros.
        TypeError
            For one that is neither an integer nor six.
        """
        if isinstance(seed, int | np.integer):
            if seed == 0:
                raise ValueError("seed should not be 0: any other integer will do", seed)
            if seed >= M2:
                raise ValueError(f"seed should be less than {M2}", seed)
            seed = [seed] * 6
        elif len(seed) != 6:
            raise TypeError(f"seed should be 1 integer or 6 integers, got {len(seed)}")
        for name, three, m in (("first", seed[:3], M1), ("last", seed[3:], M2)):
            if not any(three):
                raise ValueError(f"The {name} 3 values of seed should not be all 0", seed)
            if max(three) >= m:
                raise ValueError(f"The {name} 3 values of seed should be less than {m}", seed)
        self.rstate = np.asarray(seed, dtype="int32")

    def seed(self, seed=None):
        """Start all random variables made so far anew.

        Parameters
        ----------
        seed : int or list of 6 int, optional
            That of the instance if it is left out.
        """
        self.set_rstate(self.default_instance_seed if seed is None else seed)
        for old, new, size, nstreams in self.state_updates:
            n = self.n_streams(size) if nstreams is None else nstreams
            old.set_value(self.get_substream_rstates(n, new.owner.outputs[1].dtype), borrow=True)

    def inc_rstate(self):
        """Move :attr:`rstate` on by ``2**134`` numbers."""
        self.rstate = ff_2p134(self.rstate)

    def get_substream_rstates(self, n_streams, dtype, inc_rstate=True):
        """Give the states that ``n_streams`` streams start with, ``2**72`` numbers apart.

        Parameters
        ----------
        n_streams : int
        dtype : str
            Of the numbers; the states are the same for all.
        inc_rstate : bool, optional
            Whether :attr:`rstate` is moved on.

        Returns
        -------
        int32 array, shape (n_streams, 6)
        """
        if not isinstance(dtype, str):
            raise TypeError(f"dtype must be a str, got {dtype!r}")
        if n_streams <= 0:
            raise ValueError(f"the number of streams must be positive, got {n_streams}")
        states = mrg31k3p.streams(self.rstate, int(n_streams))
        if inc_rstate:
            self.inc_rstate()
        return states

    def n_streams(self, size):
        """Choose how many streams an array is drawn from; see :func:`guess_n_streams`."""
        return guess_n_streams(size)

    def pretty_return(self, node_rstate, new_rstate, sample, size, nstreams):
        """Note the update of a state, for :attr:`state_updates` and as the default of compiled functions."""
        sample.rstate = node_rstate
        sample.update = (node_rstate, new_rstate)
        self.state_updates.append((node_rstate, new_rstate, size, nstreams))
        with without_deprecations():  # of default updates
            node_rstate.default_update = new_rstate
        return sample

    def uniform(self, size, low=0.0, high=1.0, ndim=None, dtype=None, nstreams=None, **kwargs):
        """Uniform numbers in the open interval (``low``, ``high``).

        Parameters
        ----------
        size : tuple of int and int scalars, or int vector
        low, high : float or tensor
        ndim : int, optional
            Needed where the length of ``size`` is not known.
        dtype : str, optional
            That of ``low`` and ``high``, and at least floatX, if it is left out.
        nstreams : int, optional
            How many streams they are drawn from; the numbers depend on it. See :func:`guess_n_streams`.
        target : str, optional
            Theano's name of a device; all is on the CPU.

        Returns
        -------
        TensorVariable

        Raises
        ------
        ValueError
            For a length that is not positive.
        TypeError
            For a ``size`` of another kind, and unknown arguments.
        NotImplementedError
            If ``low`` and ``high`` would broadcast a dimension of ``size`` that is 1.
        """
        low, high = tensor.as_tensor_variable(low), tensor.as_tensor_variable(high)
        dtype = scalar.upcast(config.floatX, low.dtype, high.dtype) if dtype is None else dtype
        low, high = (undefined_grad(tensor.cast(v, dtype)) for v in (low, high))
        _check_uniform_size(size)
        if kwargs.keys() - {"target"}:
            raise TypeError(f"uniform() got unexpected keyword arguments {sorted(kwargs.keys() - {'target'})}")
        n = self.n_streams(size) if nstreams is None else nstreams
        state = shared(self.get_substream_rstates(n, dtype), **kwargs)
        new, sample = mrg_uniform.new(state, ndim, dtype, size)
        u = self.pretty_return(state, new, sample, size=size, nstreams=nstreams)
        state.tag.is_rng = True
        r = u * (high - low) + low
        if u.type.broadcastable != r.type.broadcastable:
            raise NotImplementedError(
                "Increase the size to match the broadcasting pattern of `low` and `high` arguments"
            )
        return r

    def binomial(self, size=None, n=1, p=0.5, ndim=None, dtype="int64", nstreams=None, **kwargs):
        """Ones with probability ``p``, zeros otherwise.

        Parameters
        ----------
        size, nstreams, **kwargs
            As for :meth:`uniform`.
        n : {1}
        p : float or tensor
        ndim
            Not used.
        dtype : str, optional

        Raises
        ------
        NotImplementedError
            For ``n`` other than 1.
        ValueError
            For numbers ``p`` outside of [0, 1], where they are known.
        """
        if n != 1:
            raise NotImplementedError("MRG_RandomStreams.binomial with n > 1: sum n arrays with n=1")
        p = undefined_grad(probability(p))
        return tensor.cast(self.uniform(size=size, nstreams=nstreams, **kwargs) < p, dtype)

    def multinomial(self, size=None, n=1, pvals=None, ndim=None, dtype="int64", nstreams=None, **kwargs):
        """Counts of how often each category is drawn in ``n`` draws, one row for each row of probabilities.

        Parameters
        ----------
        pvals : float matrix, shape (m, K)
            Probabilities; they are not checked.
        n : int, optional
        dtype : str, optional
        nstreams, **kwargs
            As for :meth:`uniform`.
        size, ndim : None
            Not used.

        Returns
        -------
        TensorVariable, shape (m, K)

        Raises
        ------
        TypeError
            Without ``pvals``.
        ValueError
            With ``size`` or ``ndim``.
        NotImplementedError
            For ``pvals`` that are no matrix.
        """
        if pvals is None:
            raise TypeError("You have to specify pvals")
        for name, value in (("size", size), ("ndim", ndim)):
            if value is not None:
                raise ValueError(f"MRG_RandomStreams.multinomial does not use the {name} argument: leave it out", value)
        pvals = undefined_grad(tensor.as_tensor_variable(pvals))
        unis = self._unis("multinomial", pvals, n, nstreams, kwargs)
        return multinomial.MultinomialFromUniform(dtype)(pvals, unis, tensor.as_tensor_variable(n))

    def choice(self, size=1, a=None, replace=True, p=None, ndim=None, dtype="int64", nstreams=None, **kwargs):
        """Draw ``size`` different categories for each row of probabilities.

        Parameters
        ----------
        size : int or int scalar, optional
            At most K.
        replace : {False}
        p : float matrix, shape (m, K)
            Probabilities; they are not checked.
        dtype : str, optional
        nstreams, **kwargs
            As for :meth:`uniform`.
        a, ndim : None
            Not used.

        Returns
        -------
        TensorVariable, shape (m, size)

        Raises
        ------
        NotImplementedError
            With ``replace``, and for ``p`` that is no matrix.
        TypeError
            Without ``p`` or with ``a``.
        ValueError
            With ``ndim``.
        """
        if replace:
            raise NotImplementedError("MRG_RandomStreams.choice only works without replacement: give replace=False")
        if a is not None:
            raise TypeError("a has to be None in MRG_RandomStreams.choice: sampled values are in [0, p.shape[1])")
        if p is None:
            raise TypeError("p has to be specified in MRG_RandomStreams.choice")
        if ndim is not None:
            raise ValueError("MRG_RandomStreams.choice does not use the ndim argument: leave it out", ndim)
        p = undefined_grad(tensor.as_tensor_variable(p))
        unis = self._unis("choice", p, size, nstreams, kwargs)
        return multinomial.ChoiceFromUniform(odtype=dtype)(p, unis, tensor.as_tensor_variable(size))

    def _unis(self, name, p, n, nstreams, kwargs):
        """Give a uniform number for each of ``n`` draws from each row of ``p``."""
        if p.ndim != 2:
            raise NotImplementedError(f"MRG_RandomStreams.{name} is only implemented for matrices, got {p.type}")
        return self.uniform(size=p[:, 0].shape * n, ndim=1, nstreams=nstreams, **kwargs)

    def multinomial_wo_replacement(self, size=None, n=1, pvals=None, ndim=None, dtype="int64", nstreams=None, **kwargs):
        """The older name of :meth:`choice`, with ``n`` for ``size`` and ``pvals`` for ``p``."""
        warnings.warn(
            "MRG_RandomStreams.multinomial_wo_replacement() is deprecated. Please use choice(replace=False) instead.",
            stacklevel=2,
        )
        if size is not None:
            raise ValueError("multinomial_wo_replacement does not use the size argument: leave it out", size)
        return self.choice(size=n, replace=False, p=pvals, dtype=dtype, nstreams=nstreams, ndim=ndim, **kwargs)

    def normal(self, size, avg=0.0, std=1.0, ndim=None, dtype=None, nstreams=None, truncate=False, **kwargs):
        """Normal numbers, by the transform of Box and Muller (1958).

        Parameters
        ----------
        size : int, tuple or list of int and int scalars, int scalar or int vector
        avg, std : float or tensor
            The mean and the standard deviation, before numbers are truncated.
        ndim : int, optional
            Needed where the length of ``size`` is not known.
        dtype : str, optional
            That of ``avg`` and ``std``, and at least floatX, if it is left out.
        nstreams, **kwargs
            As for :meth:`uniform`.
        truncate : bool, optional
            Whether numbers more than two standard deviations from the mean are drawn again.

        Returns
        -------
        TensorVariable

        Raises
        ------
        ValueError
            For a ``size`` of another kind or with a length that is not positive.
        """
        size = _check_size(size)
        avg, std = (undefined_grad(tensor.as_tensor_variable(v)) for v in (avg, std))
        dtype = scalar.upcast(config.floatX, avg.dtype, std.dtype) if dtype is None else dtype

        def uniform(count, low):
            return self.uniform((count,), low=low, high=1.0, ndim=1, dtype=dtype, nstreams=nstreams, **kwargs)

        count = tensor.prod(size, dtype="int64")
        even = count + count % 2
        u = uniform(even, 0.0)
        r = tensor.sqrt(-2.0 * tensor.log(u[: even // 2]))
        theta = np.array(2.0 * np.pi, dtype=dtype) * u[even // 2 :]
        cos, sin = tensor.cos(theta), tensor.sin(theta)
        halves = [r * cos, r * sin]
        if truncate:
            halves = _redrawn(halves, (cos, sin), uniform, tensor.constant(1.0 / np.e**2, dtype=dtype))
        samples = tensor.reshape(tensor.join(0, *halves)[:count], newshape=size, ndim=ndim)
        return samples * tensor.cast(std, dtype) + tensor.cast(avg, dtype)

    def truncated_normal(self, size, avg=0.0, std=1.0, ndim=None, dtype=None, nstreams=None, **kwargs):
        """Normal numbers, none further than two standard deviations of the whole distribution from ``avg``.

        ``std`` is the standard deviation of the numbers themselves; the other parameters are those of :meth:`normal`.
        """
        std = std / tensor.constant(STD_IN_TWO)
        return self.normal(
            size=size, avg=avg, std=std, truncate=True, ndim=ndim, dtype=dtype, nstreams=nstreams, **kwargs
        )


def _redrawn(halves, directions, uniform, low):
    """Replace the numbers outside of [-2, 2]: each half is its good numbers, then its new ones.

    A radius drawn from (``low``, 1) with :math:`\\text{low} = e^{-2}` is below 2.
    """
    outside = [(z < -2.0) | (z > 2.0) for z in halves]
    where = [tensor.nonzero(wrong)[0] for wrong in outside]
    r = tensor.sqrt(-2.0 * tensor.log(uniform(where[0].size + where[1].size, low)))
    radii = r[: where[0].size], r[where[0].size :]
    parts = zip(halves, outside, radii, directions, where, strict=True)
    return [v for z, wrong, r, d, i in parts for v in (z[tensor.nonzero(~wrong)], r * d[i])]


def _check_uniform_size(size):
    if isinstance(size, tuple):
        if not all(isinstance(n, int | np.integer | Variable) for n in size):
            raise TypeError(f"size must be a tuple of int or a Theano variable, got {size}")
        if any(isinstance(n, int | np.integer) and n <= 0 for n in size):
            raise ValueError("The specified size contains a dimension with value <= 0", size)
    elif not (isinstance(size, Variable) and size.ndim == 1):
        raise TypeError(
            f"size must be a tuple of int or a Theano Variable with 1 dimension, got {size} of type {type(size)}"
        )


def _check_size(size):
    """Give ``size`` as an int vector."""
    if isinstance(size, Variable):
        if size.ndim > 1:
            raise ValueError("Theano variable must have 1 dimension to be a valid size.", size)
        return size if size.ndim == 1 else tensor.stack([size])
    if isinstance(size, int | np.integer):
        size = (size,)
    if not isinstance(size, tuple | list):
        raise ValueError("Size must be a int, tuple, list or Theano variable.", size)
    for n in size:
        if isinstance(n, Variable):
            if n.ndim:
                raise ValueError("Non-scalar Theano variable in size", size, n)
        elif not isinstance(n, int | np.integer):
            raise ValueError("Only Theano variables and integers are allowed in a size-tuple.", size, n)
        elif n <= 0:
            raise ValueError("Non-positive dimensions not allowed in size.", size, n)
    return tensor.as_tensor_variable(size, ndim=1) if size else tensor.constant(np.zeros(0, dtype="int64"))
