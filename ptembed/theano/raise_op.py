"""Ops that raise."""
