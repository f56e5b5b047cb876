"""Fourier transforms of real input."""

from pytensor.tensor.fft import IRFFTOp, RFFTOp, _unitary, irfft, irfft_op, rfft, rfft_op
