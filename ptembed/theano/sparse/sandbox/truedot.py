"""``true_dot`` under the name of its first home."""

from ptembed.theano.sparse.basic import TrueDot, true_dot

__all__ = ["TrueDot", "true_dot"]
