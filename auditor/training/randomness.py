"""Randomness from counters: every draw is a function of (seed, purpose), never of what was drawn before.

So any step replays alone, and a resumed run equals an unbroken one. Only the raw 64-bit words of numpy's
Philox are used: bit generators are stable across numpy versions (NEP 19), distributions are not, and
torch's CPU generators differ between CPU capabilities.
"""

from __future__ import annotations

import hashlib
import math

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
FEW_WORDS = (
    4000  # fewer are sorted as fast by comparing (measured; of 60,000 counting takes 0.37 of the time)
)


def words(seed: int, *purpose: str | int, n: int) -> NDArray[np.uint64]:
    """The first `n` random 64-bit words of the stream for a seed and a purpose."""
    digest = hashlib.sha256("/".join(map(str, (seed, *purpose))).encode()).digest()
    key = int.from_bytes(digest[:16], "little")  # Philox4x64 takes a 128-bit key (Salmon et al. 2011)
    drawn: NDArray[np.uint64] = np.random.Philox(key=key).random_raw(n)
    return drawn


def uniform(seed: int, name: str, shape: tuple[int, ...], bound: float) -> NDArray[np.float32]:
    """Values uniform in [-bound, bound), drawn in double precision from the tensor's own stream."""
    n = int(np.prod(shape))
    unit = (words(seed, "weights", name, n=n) >> np.uint64(11)) * 2.0**-53  # 53 bits: [0, 1)
    return ((2.0 * unit - 1.0) * bound).astype(np.float32).reshape(shape)


def normal(seed: int, name: str, shape: tuple[int, ...], sd: float) -> NDArray[np.float32]:
    """Normal values with mean 0, drawn in double precision from the tensor's own stream.

    Box and Muller 1958: of two uniform numbers u in (0, 1] and v in [0, 1), √(-2 ln u) cos(2 π v) and
    √(-2 ln u) sin(2 π v) are independent and normal.
    """
    n = int(np.prod(shape))
    half = (n + 1) // 2
    drawn = words(seed, "weights", name, n=2 * half) >> np.uint64(11)
    unit = drawn.astype(np.float64) * 2.0**-53  # 53 bits, exact in a double: [0, 1)
    radius = np.sqrt(-2.0 * logarithm(1.0 - unit[:half]))
    cosine, sine = on_circle(unit[half:])
    values = np.concatenate([radius * cosine, radius * sine])[:n]
    return (values * sd).astype(np.float32).reshape(shape)


def logarithm(x: Doubles) -> Doubles:
    """Natural logarithm of normal numbers above 0, from operations whose rounding IEEE 754 fixes.

    numpy's own differs in its last bit between processors. With x = m 2^e and z = (m - 1) / (m + 1),
    ln x = e ln 2 + 2 (z + z³/3 + z⁵/5 + ...); m lies in [√½, √2), so that |z| < 0.172.
    """
    mantissa, exponent = np.frexp(x)
    low = mantissa < math.sqrt(0.5)
    mantissa, exponent = np.where(low, 2.0 * mantissa, mantissa), exponent - low
    z = (mantissa - 1.0) / (mantissa + 1.0)
    series = _polynomial(z * z, [1 / (2 * k + 1) for k in range(11)])  # z^23/23 < 2^-62
    return exponent * math.log(2) + 2.0 * z * series


def on_circle(turns: Doubles) -> tuple[Doubles, Doubles]:
    """Cosine and sine of 2π times `turns`, each from 0 to below 1; see `logarithm` for why not numpy's.

    The series of both about the nearest quarter turn, at most π/4 away.
    """
    quarter = np.floor(4.0 * turns + 0.5)
    angle = (4.0 * turns - quarter) * (math.pi / 2)
    square = angle * angle
    cosine = _polynomial(square, [(-1) ** k / math.factorial(2 * k) for k in range(9)])
    sine = angle * _polynomial(square, [(-1) ** k / math.factorial(2 * k + 1) for k in range(9)])
    place = quarter.astype(np.int64) % 4
    return np.choose(place, [cosine, -sine, -cosine, sine]), np.choose(place, [sine, cosine, -sine, -cosine])


def _polynomial(x: Doubles, coefficients: list[float]) -> Doubles:
    """Horner's rule; numpy multiplies and adds in two operations, each rounded."""
    value = np.full_like(x, coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        value = value * x + coefficient
    return value


def order(seed: int, epoch: int, n: int) -> NDArray[np.int64]:
    """The order in which epoch `epoch` (from 0) visits `n` examples: a permutation of 0..n-1."""
    return rising(words(seed, "order", epoch, n=n))


def rising(drawn: NDArray[np.uint64]) -> NDArray[np.int64]:
    """What np.argsort(drawn, kind="stable") gives, (n), sooner where the words are random.

    numpy sorts 16 bits by counting and 64 by comparing. So the upper 32 bits are sorted in two rounds, the
    lower half of them first, and the few words that agree in them by comparing.
    """
    if len(drawn) < FEW_WORDS:
        return np.argsort(drawn, kind="stable")
    upper = drawn >> np.uint64(32)
    places = np.argsort(upper.astype(np.uint16), kind="stable")
    places = places[np.argsort((upper >> np.uint64(16)).astype(np.uint16)[places], kind="stable")]
    found = upper[places]
    agree = found[1:] == found[:-1]
    if agree.any():
        tied = np.flatnonzero(np.append(agree, False) | np.append(False, agree))
        some = places[tied]
        places[tied] = some[np.argsort(drawn[some], kind="stable")]
    return places
