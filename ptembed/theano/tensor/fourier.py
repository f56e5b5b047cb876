"""Fourier transforms, as one Op."""

from pytensor.tensor.fourier import Fourier, fft
