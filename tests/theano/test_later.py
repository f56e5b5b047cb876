"""What is not served yet can be imported, and says so when it is used."""

import pytest

from ptembed.theano.tensor.nnet import conv2d
from ptembed.theano.tensor.signal.pool import Pool, pool_2d

NAMES = [Pool, pool_2d, conv2d]


@pytest.mark.parametrize("name", NAMES, ids=lambda name: name.__name__)
def test_its_use_is_refused_with_what_to_use_instead(name):
    with pytest.raises(NotImplementedError, match=rf"{name.__name__} is not served yet: use .+ until then"):
        name(1, ignore_border=True)
