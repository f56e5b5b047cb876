"""``x log x``, zero at zero."""
