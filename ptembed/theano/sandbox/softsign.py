"""Where softsign was once; see :mod:`ptembed.theano.tensor.nnet`."""

from ptembed.theano.tensor.nnet.nnet import softsign
