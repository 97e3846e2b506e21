"""Sobol' low-discrepancy points, shifted at random.

Direction numbers for up to 21 dimensions; a sensitivity analysis of d inputs uses 2d. The digital
shift keeps the net's structure, makes the points uniform, and comes from the generator handed in.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from .arrays import Floats
from .errors import DesignError

BITS: Final = 32
_NUMBERS: Final = (
    # degree, coefficients, initial numbers; the first dimension is van der Corput's
    (1, 0, (1,)),
    (2, 1, (1, 3)),
    (3, 1, (1, 3, 1)),
    (3, 2, (1, 1, 1)),
    (4, 1, (1, 1, 3, 3)),
    (4, 4, (1, 3, 5, 13)),
    (5, 2, (1, 1, 5, 5, 17)),
    (5, 4, (1, 1, 5, 5, 5)),
    (5, 7, (1, 1, 7, 11, 19)),
    (5, 11, (1, 1, 5, 1, 1)),
    (5, 13, (1, 1, 1, 3, 11)),
    (5, 14, (1, 3, 5, 5, 31)),
    (6, 1, (1, 3, 3, 9, 7, 49)),
    (6, 13, (1, 1, 1, 15, 21, 21)),
    (6, 16, (1, 3, 1, 13, 27, 49)),
    (6, 19, (1, 1, 1, 15, 7, 5)),
    (6, 22, (1, 3, 1, 15, 13, 25)),
    (6, 25, (1, 1, 5, 5, 19, 61)),
    (7, 1, (1, 3, 7, 11, 23, 15, 103)),
    (7, 4, (1, 3, 7, 13, 13, 15, 69)),
)
MAX_DIMENSION: Final = len(_NUMBERS) + 1


def sobol_points(count: int, dimension: int, rng: np.random.Generator | None = None) -> Floats:
    """The first `count` points of the sequence in [0, 1).

    Parameters
    ----------
    count
        A power of two keeps the balance of the net.
    rng
        Draws the digital shift; None leaves the sequence as it is, beginning at the origin.

    Returns
    -------
    points : shape (count, dimension)

    Raises
    ------
    DesignError
        More dimensions than direction numbers.

    References
    ----------
    Sobol' (1967); Joe & Kuo (2008), SIAM J. Sci. Comput. 30(5), 2635-2654, first dimensions.

    >>> sobol_points(4, 2)
    array([[0.  , 0.  ],
           [0.5 , 0.5 ],
           [0.75, 0.25],
           [0.25, 0.75]])
    """
    if not 0 < dimension <= MAX_DIMENSION:
        raise DesignError(f"{dimension} dimensions: at most {MAX_DIMENSION} are supported")
    points = np.empty((count, dimension))
    gray = np.arange(count, dtype=np.uint64)
    gray ^= gray >> np.uint64(1)
    for column in range(dimension):
        directions = _directions(column)
        value = np.zeros(count, dtype=np.uint64)
        for bit in range(max(count - 1, 1).bit_length()):
            value ^= ((gray >> np.uint64(bit)) & np.uint64(1)) * directions[bit]
        if rng is not None:
            value ^= np.uint64(rng.integers(0, 2**BITS))
        points[:, column] = value / 2.0**BITS
    return points


def _directions(column: int) -> list[np.uint64]:
    if column == 0:
        return [np.uint64(1 << (BITS - 1 - k)) for k in range(BITS)]
    degree, coefficients, initial = _NUMBERS[column - 1]
    m = list(initial)
    for k in range(degree, BITS):
        new = m[k - degree] ^ (m[k - degree] << degree)
        for j in range(1, degree):
            if (coefficients >> (degree - 1 - j)) & 1:
                new ^= m[k - j] << j
        m.append(new)
    return [np.uint64(number << (BITS - 1 - k)) for k, number in enumerate(m)]
