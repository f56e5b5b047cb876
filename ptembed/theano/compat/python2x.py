"""What Python 2.4 to 2.6 lacked; Theano 0.7 and before had it here."""

from collections import Counter, OrderedDict, defaultdict
from functools import partial
from itertools import combinations, product

from ptembed.theano.compat import DictMixin

__all__ = [
    "Counter",
    "DictMixin",
    "OrderedDict",
    "all",
    "any",
    "combinations",
    "defaultdict",
    "maxsize",
    "partial",
    "product",
]

import sys

all, any, maxsize = all, any, sys.maxsize
