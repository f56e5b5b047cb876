"""``function`` under its older name, and what it is made of."""

from pytensor.compile.compiledir import _logger
from pytensor.compile.rebuild import rebuild_collect_shared
