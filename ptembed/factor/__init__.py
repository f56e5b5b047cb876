"""Factors of sparse matrices: counts of words that occur together, their weights, and what they are factored into.

Sparse in, sparse all the way: nothing has the size rows x columns. Read :mod:`ptembed.factor.counts`,
:mod:`ptembed.factor.weights`, :mod:`ptembed.factor.nmf`, :mod:`ptembed.factor.neighbours` in this order.
"""
