"""Lists that are changed in place."""

from ptembed.theano import _gone

__getattr__ = _gone.getattr_of(
    __name__, lazy={"typed_list_inplace_opt": "pytensor.typed_list.rewriting:typed_list_inplace_rewrite"}
)
