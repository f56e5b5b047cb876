import numpy as np
import pytest

from ptembed.arguments import at_least_one


@pytest.mark.parametrize(("value", "error"), [(0, ValueError), (1.0, TypeError), (True, TypeError), ("1", TypeError)])
def test_whole_numbers(value, error):
    with pytest.raises(error, match="k must be"):
        at_least_one(value, "k")
    assert at_least_one(np.int32(3), "k") == 3
