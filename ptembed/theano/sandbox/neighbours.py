"""Where patches of images were once; see :mod:`ptembed.theano.tensor.nnet.neighbours`."""

from ptembed.theano.tensor.nnet.neighbours import Images2Neibs, images2neibs, neibs2images
