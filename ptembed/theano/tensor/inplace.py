"""Elementwise Ops that overwrite their first input."""
