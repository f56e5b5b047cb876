"""``python -m ptembed``: see :mod:`ptembed.cli`."""

import sys

from ptembed.cli import main

if __name__ == "__main__":
    sys.exit(main())
