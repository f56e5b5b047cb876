"""The names that SciPy dropped: those that live on elsewhere, and those that say what to use.

A function that SciPy dropped for good, or whose successor gives other numbers, is there, so that the module that
imports it loads; calling it raises ``NotImplementedError`` with the replacement.
"""

import numpy as np
import scipy

from ptembed.legacy.stand_ins import gone, lazily

__all__ = ["GOING", "MODULES", "TABLE"]


def _all_gone(module: str, **instead: str) -> dict:
    return {name: gone(f"{module}.{name}", use) for name, use in instead.items()}


def _pinv2(a, cond=None, rcond=None, return_rank=False, check_finite=True):
    from scipy.linalg import pinv

    return pinv(a, rtol=rcond if cond is None else cond, return_rank=return_rank, check_finite=check_finite)


def _nanstd(x, axis=0, bias=False):
    return np.nanstd(x, axis=axis, ddof=0 if bias else 1)


def _binom_test(x, n=None, p=0.5, alternative="two-sided"):
    from scipy.stats import binomtest

    x, n = (x[0], x[0] + x[1]) if np.ndim(x) else (x, n)
    return binomtest(x, n, p, alternative=alternative).pvalue


def _chisqprob(chisq, df):
    from scipy.special import chdtrc

    return chdtrc(df, chisq)


def _sph_harm(m, n, theta, phi):
    from scipy.special import sph_harm_y

    return sph_harm_y(n, m, phi, theta)


_COMPLEX = "sqrt log log2 logn log10 power arccos arcsin arctanh"  # of numbers outside of the real ones' domain
_WINDOWS = (
    "barthann bartlett blackman blackmanharris bohman boxcar chebwin cosine exponential flattop gaussian "
    "general_gaussian hamming hann kaiser nuttall parzen triang tukey"
)
#: By module; each is put in as soon as the program imports the module.
TABLE: dict[str, dict[str, object]] = {
    "scipy": {
        **{name: getattr(np, name) for name in np.__all__ if name not in scipy.__all__},
        **{name: getattr(np.emath, name) for name in _COMPLEX.split()},
        **{"rand": np.random.rand, "randn": np.random.randn, "ifft": np.fft.ifft},
    },
    "scipy.misc": {
        **{name: lazily("scipy.special", name) for name in ("comb", "factorial", "factorial2", "factorialk")},
        **{"logsumexp": lazily("scipy.special", "logsumexp")},
        **{name: lazily("scipy.datasets", name) for name in ("ascent", "face", "electrocardiogram")},
        **_all_gone(
            "scipy.misc",
            imread="imageio.v3.imread(path), or PIL.Image.open(path) and numpy.asarray",
            imsave="imageio.v3.imwrite(path, array), or PIL.Image.fromarray(array).save(path)",
            imresize="PIL.Image.fromarray(array).resize((width, height)), or skimage.transform.resize",
            imrotate="scipy.ndimage.rotate, or PIL.Image.fromarray(array).rotate(degrees)",
            imfilter="PIL.ImageFilter",
            imshow="matplotlib.pyplot.imshow",
            toimage="PIL.Image.fromarray",
            fromimage="numpy.asarray(image)",
            bytescale="numpy.clip, multiplication and astype('uint8')",
            lena="scipy.datasets.face, a photograph that may be given away",
            derivative="scipy.differentiate.derivative",
            central_diff_weights="the package findiff",
            pade="scipy.interpolate.pade",
        ),
    },
    "scipy.integrate": {
        **{
            "trapz": lazily("scipy.integrate", "trapezoid"),
            "cumtrapz": lazily("scipy.integrate", "cumulative_trapezoid"),
        },
        **_all_gone(
            "scipy.integrate", simps="scipy.integrate.simpson(y, x=x), which differs for an even number of points"
        ),
    },
    "scipy.interpolate": _all_gone(
        "scipy.interpolate",
        interp2d="scipy.interpolate.RegularGridInterpolator, or RectBivariateSpline",
        spline="scipy.interpolate.make_interp_spline(x, y)(new)",
    ),
    "scipy.linalg": {"pinv2": _pinv2, **{name: getattr(np, name) for name in ("tri", "tril", "triu")}},
    "scipy.ndimage": _all_gone("scipy.ndimage", imread="imageio.v3.imread(path)"),
    "scipy.optimize": _all_gone("scipy.optimize", anneal="scipy.optimize.dual_annealing(f, bounds)"),
    "scipy.signal": {
        **{name: lazily("scipy.signal.windows", name) for name in _WINDOWS.split()},
        **{"hanning": lazily("scipy.signal.windows", "hann")},
        **_all_gone("scipy.signal", cwt="pywt.cwt, of the package PyWavelets", ricker="pywt.ContinuousWavelet('mexh')"),
    },
    "scipy.sparse.csgraph": _all_gone(
        "scipy.sparse.csgraph", cs_graph_components="scipy.sparse.csgraph.connected_components"
    ),
    "scipy.special": {
        "sph_harm": _sph_harm,
        **_all_gone(
            "scipy.special", sph_jn="scipy.special.spherical_jn(n, z)", sph_yn="scipy.special.spherical_yn(n, z)"
        ),
    },
    "scipy.stats": {
        **{"nanmean": lambda x, axis=0: np.nanmean(x, axis), "nanmedian": lambda x, axis=0: np.nanmedian(x, axis)},
        **{
            "nanstd": _nanstd,
            "binom_test": _binom_test,
            "betai": lazily("scipy.special", "betainc"),
        },
        **{"chisqprob": _chisqprob},
        **_all_gone(
            "scipy.stats",
            itemfreq="numpy.unique(x, return_counts=True)",
            signaltonoise="x.mean(axis) / x.std(axis)",
            threshold="numpy.clip, or numpy.where",
            histogram="numpy.histogram",
            median_absolute_deviation="scipy.stats.median_abs_deviation(x, scale='normal')",
        ),
    },
}
#: Modules that SciPy has dropped, and those that have their names; or what to use.
MODULES: dict[str, tuple[str, ...] | str] = {
    "scipy.misc": (),
    "scipy.misc.pilutil": ("scipy.misc",),
    "scipy.weave": "NumPy, or the package numba: it compiled C++ for Python 2",
}
#: The same for those that SciPy 2 drops.
GOING: dict[str, tuple[str, ...]] = {
    **{f"scipy.ndimage.{part}": ("scipy.ndimage",) for part in ("filters", "interpolation", "measurements")},
    **{"scipy.ndimage.morphology": ("scipy.ndimage",)},
    **{f"scipy.sparse.{part}": ("scipy.sparse",) for part in ("base", "bsr", "coo", "csc", "csr", "dia", "dok", "lil")},
}
