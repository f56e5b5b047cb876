"""Lists of variables."""

from pytensor.typed_list import *

from ptembed.theano.typed_list.basic import *
from ptembed.theano.typed_list.type import *
