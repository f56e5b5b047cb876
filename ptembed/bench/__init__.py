"""Side by side with the peers, in one run on one machine: ``python -m ptembed.bench rows``, or ``legacy``.

Each comparison builds all sides from the same numbers, checks that they compute the same update, times them in turn,
and writes a table and a plot into ``docs/benchmarks``. Peers are optional; one that is not installed is named with its
install and left out. Nothing is imported here: :mod:`ptembed.bench.__main__` sets the number of threads first.

Read next: :mod:`ptembed.bench.rows`, :mod:`ptembed.bench.legacy`.
"""
