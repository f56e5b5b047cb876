"""Sparse Ops of less use."""
