"""Patches of images under Theano's names."""

import numpy as np
import pytest

IMAGES = np.arange(2 * 3 * 5 * 7.0).reshape(2, 3, 5, 7)


@pytest.fixture
def nnet(theano):
    with theano.change_flags(linker="py"):
        yield theano.tensor.nnet


@pytest.mark.parametrize("mode, shape, kept", [("valid", (5, 7), (5, 7)), ("ignore_borders", (2, 3), (4, 6))])
def test_images_come_back(theano, nnet, mode, shape, kept):
    rows = nnet.neighbours.images2neibs(IMAGES, shape, mode=mode)
    got = nnet.neighbours.neibs2images(rows, shape, IMAGES.shape, mode=mode).eval()
    want = np.zeros(IMAGES.shape)
    want[:, :, : kept[0], : kept[1]] = IMAGES[:, :, : kept[0], : kept[1]]
    np.testing.assert_array_equal(got, want)


def test_rows_of_other_images_are_refused(theano, nnet):
    shape = theano.tensor.lvector()
    images = nnet.neighbours.neibs2images(np.ones((4, 4)), (2, 2), shape)
    f = theano.function([shape], images)
    assert f([1, 1, 4, 4]).shape == (1, 1, 4, 4)
    for wrong in ([1, 1, 4, 5], [1, 1, 1, 4, 4], [1, 4, 4]):
        with pytest.raises(ValueError):
            f(wrong)
    with pytest.raises(ValueError, match="neibs must be a matrix"):
        nnet.neighbours.neibs2images(np.ones((1, 4, 4)), (2, 2), shape)
    with pytest.raises(NotImplementedError, match="mode=half"):
        nnet.neighbours.neibs2images(np.ones((4, 4)), (2, 2), shape, mode="half")


def test_the_older_names_are_the_same(theano, nnet):
    from theano.sandbox import blocksparse, neighbours

    assert neighbours.images2neibs is nnet.neighbours.images2neibs
    assert blocksparse.sparse_block_dot is nnet.blocksparse.sparse_block_dot
