"""Graph rewrites of ours, registered with PyTensor's own database when this is imported."""

from ptembed.rewrites.dense_history import DenseHistoryWarning
from ptembed.rewrites.in_place import RowWritesInPlace
from ptembed.rewrites.row_updates import RowUpdates
from ptembed.rewrites.scan_reads import ScanReads
