"""Whether two values may share memory."""

from pytensor.misc.may_share_memory import _is_sparse, may_share_memory
