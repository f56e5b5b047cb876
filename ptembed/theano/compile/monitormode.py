"""The mode that shows each node as it runs."""

from pytensor.compile.debug.monitormode import MonitorMode, detect_nan
