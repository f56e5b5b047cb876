"""The Op that loops."""

from pytensor.scan.op import Scan, profile_printer
