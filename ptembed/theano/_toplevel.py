"""What Theano defined in its top-level module itself: the logger, a constant's value whatever it is made of."""

import logging

__all__ = [
    "disable_log_handler",
    "get_scalar_constant_value",
    "has_handlers",
    "logging_default_formatter",
    "logging_default_handler",
    "test",
    "theano_logger",
]

theano_logger = logging.getLogger("theano")
logging_default_formatter = logging.Formatter("%(levelname)s (%(name)s): %(message)s")
logging_default_handler = logging.StreamHandler()


def has_handlers(logger):
    """Whether somebody hears of what ``logger`` is told."""
    return logger.hasHandlers()


def disable_log_handler(logger=theano_logger, handler=logging_default_handler):
    """Take away the handler that writes warnings to standard error."""
    logger.removeHandler(handler)


def get_scalar_constant_value(v):
    """The number that ``v`` is, where it is a constant; of a sparse matrix made of its parts, that of its data.

    Parameters
    ----------
    v : variable or number

    Raises
    ------
    theano.tensor.NotScalarConstantError
        If it is not known before the graph is computed.
    """
    from ptembed.theano import sparse, tensor

    if isinstance(getattr(v, "type", None), sparse.SparseType) and isinstance(getattr(v.owner, "op", None), sparse.CSM):
        v = v.owner.inputs[0]
    return tensor.get_scalar_constant_value(v)


def test(*args, **kwargs):
    """Raise ``NotImplementedError``: Theano's own tests are not shipped."""
    from ptembed.theano.tests.main import main

    main()


test.__test__ = False  # for pytest

theano_logger.setLevel(logging.WARNING)
logging_default_handler.setFormatter(logging_default_formatter)
if not has_handlers(theano_logger):
    theano_logger.addHandler(logging_default_handler)
