"""In place of the package ``climate``, whose name is another package's on the index now: theanets logs through it."""

import logging


def get_logger(name):
    return logging.getLogger(name)
