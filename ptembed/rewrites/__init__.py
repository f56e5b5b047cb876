"""Graph rewrites of ours, registered with PyTensor's own database when this is imported.

``row_updates`` turns dense updates into row writes, ``row_kernels`` runs what works row by row as one loop under Numba;
under these names a mode can exclude them.
"""

from ptembed.rewrites import factored_in_place, roots, single_row, sparse_dots, sparse_rows
from ptembed.rewrites.dense_history import DenseHistoryWarning
from ptembed.rewrites.in_place import RowWritesInPlace
from ptembed.rewrites.row_kernels import RowLoops
from ptembed.rewrites.row_slots import row_slots
from ptembed.rewrites.row_updates import RowUpdates
from ptembed.rewrites.scan_reads import ScanReads
