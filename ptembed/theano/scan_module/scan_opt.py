"""Rewrites of loops. They are PyTensor's, which answer to Theano's names here too.

``mode.excluding("scanOp_pushout_seqs_ops")`` excludes what PyTensor calls ``scan_push_out_seq``: importing this module
adds Theano's names to those by which PyTensor's database finds them.
"""

from pytensor.compile.mode import optdb
from pytensor.scan.rewriting import (
    ScanInplaceOptimizer,
    ScanMerge,
    scan_eqopt1,
    scan_eqopt2,
    scan_merge_inouts,
    scan_seqopt1,
)
from pytensor.scan.rewriting.merge import has_duplicates, make_equiv

from ptembed.theano._gone import getattr_of

__all__ = [
    "ScanInplaceOptimizer",
    "ScanMerge",
    "has_duplicates",
    "make_equiv",
    "scan_eqopt1",
    "scan_eqopt2",
    "scan_merge_inouts",
    "scan_seqopt1",
]

_TAGS = (
    (scan_seqopt1, "scan_input_and_output_cleanup0", "scanOp_remove_constants_and_unused_inputs0"),
    (scan_seqopt1, "scan_push_out_non_seq", "scanOp_pushout_nonseqs_ops"),
    (scan_seqopt1, "scan_push_out_seq", "scanOp_pushout_seqs_ops"),
    (scan_seqopt1, "scan_push_out_add", "scanOp_pushout_output"),
    (scan_eqopt2, "scan_input_and_output_cleanup1", "scanOp_remove_constants_and_unused_inputs1"),
    (scan_eqopt2, "scan_merge", "scanOp_merge"),
    (optdb, "scan_reduce_nsteps", "scanOp_save_mem"),
    (optdb, "scan_reduce_trace_prealloc", "scanOp_save_mem"),
    (optdb, "scan_make_inplace", "scanOp_make_inplace"),
)

for _db, _name, _tag in _TAGS:
    if _name in _db.__db__:
        _db.add_tags(_name, _tag)

__getattr__ = getattr_of(
    __name__,
    {
        "PushOutDot1": ("it is a function now", "pytensor.scan.rewriting.scan_push_out_dot1"),
        "PushOutNonSeqScan": ("it is a function now", "pytensor.scan.rewriting.scan_push_out_non_seq"),
        "PushOutScanOutput": ("it is a function now", "pytensor.scan.rewriting.scan_push_out_add"),
        "PushOutSeqScan": ("it is a function now", "pytensor.scan.rewriting.scan_push_out_seq"),
        "ScanSaveMem": ("it is two functions now", "pytensor.scan.rewriting.scan_reduce_nsteps"),
        "remove_constants_and_unused_inputs_scan": (
            "it is three functions now",
            "pytensor.scan.rewriting.scan_remove_unused",
        ),
    },
)
