"""The compiled loop of gradient descent. Imports numba; only `kernel` imports this module, when it is time.

One step of the published net (2-10-5-1, 300 points) takes 3 to 4 microseconds, where NumPy needs 45 and more,
nearly all of it the cost of 60 calls. What makes it fast:

- Examples are cut into blocks whose activations stay in the first-level cache.
- Matrix products keep a tile of the result in vector registers: `_product_tile` several rows of 8 examples,
  `_gradient_tile` several rows of 8 partial sums. Numba has no vector types, so the two tiles are written in
  LLVM's own terms; the compiler cuts the vectors of 8 to what the processor has (2 of 4 on AVX2, 1 of 8 on
  AVX-512).
- A bias is the weight of an input that is always 1, so it costs no code of its own.
- `_exp` is plain arithmetic and is vectorised by the compiler; libm's is not.

Nothing here is left to fast-math: each sum has one order and each fused multiply-add is written out, so the
same start gives the same bits on every processor that has one, whatever its vectors. The file is long
because all of it is compiled as one piece.

Layout, B the length of a block and L the number of layers; all arrays flat:

- weights: for each layer the rows (W | b), (n_l, n_{l-1} + 1)
- examples: for each block n_x rows of B, then a row of ones; labels and shares: B a block (share 1/m, 0 for
  padding)
- activations, deltas: for each layer n_l rows of B, then a row of ones (unused in deltas)
- sums: 8 partial sums a weight
"""

# Functions that numba compiles get their types from it, and what it takes apart is untyped.
# mypy: disable-error-code="call-arg,no-any-return,no-untyped-call,no-untyped-def"
# mypy: disable-error-code="untyped-decorator,var-annotated"

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

LANES = 8
OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}


def _product_tile(rows: int) -> Any:
    """An intrinsic: `rows` rows of Z = M A; M is given by its strides, so that Mᵀ is no copy.

    Arguments: M, its first element, strides of its rows and columns; A, its first element and stride of rows;
    Z likewise; the number of terms; the width, a multiple of 8. Offsets in elements.
    """

    @intrinsic
    def tile(_context: Any, M: Any, m0: Any, m_row: Any, m_column: Any, A: Any, a0: Any, a_row: Any,
             Z: Any, z0: Any, z_row: Any, terms: Any, width: Any) -> Any:  # fmt: skip
        index = types.intp
        signature = types.void(M, index, index, index, A, index, index, Z, index, index, index, index)

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            m, m0, m_row, m_column, a, a0, a_row, z, z0, z_row, terms, width = arguments
            lane = _Lanes(context, builder, signature.args[0].dtype)
            m, a, z = (lane.pointer(signature.args[at], arguments[at]) for at in (0, 4, 7))
            sums = [cgutils.alloca_once(builder, lane.vector) for _ in range(rows)]
            with cgutils.for_range_slice(builder, width.type(0), width, width.type(LANES)) as (j, _):
                for total in sums:
                    builder.store(lane.zero, total)
                with cgutils.for_range(builder, terms) as loop:
                    k = loop.index
                    column = lane.load(a, [a0, builder.mul(k, a_row), j])
                    for row, total in enumerate(sums):
                        at = [m0, builder.mul(k, m_column), builder.mul(m_row, m_row.type(row))]
                        weight = lane.spread(lane.load_one(m, at))
                        builder.store(lane.multiply_add(weight, column, builder.load(total)), total)
                for row, total in enumerate(sums):
                    lane.store(builder.load(total), z, [z0, j, builder.mul(z_row, z_row.type(row))])
            return context.get_dummy_value()

        return signature, generate

    return tile


def _gradient_tile(rows: int, columns: int) -> Any:
    """An intrinsic: S[r, c, :] += sums over j of D[r, j] A[c, j], as 8 partial sums a pair.

    Arguments: D, its first element and stride of rows; A likewise; S, its first element, strides of rows and
    columns; the width, a multiple of 8. Offsets in elements.
    """

    @intrinsic
    def tile(_context: Any, D: Any, d0: Any, d_row: Any, A: Any, a0: Any, a_row: Any,
             S: Any, s0: Any, s_row: Any, s_column: Any, width: Any) -> Any:  # fmt: skip
        index = types.intp
        signature = types.void(D, index, index, A, index, index, S, index, index, index, index)

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            d, d0, d_row, a, a0, a_row, s, s0, s_row, s_column, width = arguments
            lane = _Lanes(context, builder, signature.args[0].dtype)
            d, a, s = (lane.pointer(signature.args[at], arguments[at]) for at in (0, 3, 6))
            cells = [(row, column) for row in range(rows) for column in range(columns)]
            place = {
                cell: [
                    s0,
                    builder.mul(s_row, s_row.type(cell[0])),
                    builder.mul(s_column, s_row.type(cell[1])),
                ]
                for cell in cells
            }
            sums = {cell: cgutils.alloca_once(builder, lane.vector) for cell in cells}
            for cell in cells:
                builder.store(lane.load(s, place[cell]), sums[cell])
            with cgutils.for_range_slice(builder, width.type(0), width, width.type(LANES)) as (j, _):
                across = [lane.load(a, [a0, builder.mul(a_row, a_row.type(c)), j]) for c in range(columns)]
                down = [lane.load(d, [d0, builder.mul(d_row, d_row.type(r)), j]) for r in range(rows)]
                for r, c in cells:
                    total = sums[r, c]
                    builder.store(lane.multiply_add(down[r], across[c], builder.load(total)), total)
            for cell in cells:
                lane.store(builder.load(sums[cell]), s, place[cell])
            return context.get_dummy_value()

        return signature, generate

    return tile


class _Lanes:
    """Loads, stores and arithmetic on vectors of 8, in LLVM's terms. Offsets are lists of terms to add."""

    def __init__(self, context: Any, builder: Any, dtype: Any) -> None:
        self._context, self._builder = context, builder
        self._element = context.get_value_type(dtype)
        self.vector = ir.VectorType(self._element, LANES)
        self.zero = ir.Constant(self.vector, [0.0] * LANES)
        bits = {ir.DoubleType(): "f64", ir.FloatType(): "f32"}[self._element]
        kind = ir.FunctionType(self.vector, [self.vector] * 3)
        self._fma = cgutils.get_or_insert_function(builder.module, kind, f"llvm.fma.v{LANES}{bits}")

    def pointer(self, kind: Any, array: Any) -> Any:
        """Where an array's numbers begin."""
        return self._context.make_array(kind)(self._context, self._builder, array).data

    def load(self, start: Any, offset: list[Any]) -> Any:
        """Eight numbers, aligned as one."""
        return self._builder.load(self._vector_at(start, offset), align=4)

    def load_one(self, start: Any, offset: list[Any]) -> Any:
        """One number."""
        return self._builder.load(self._at(start, offset))

    def store(self, value: Any, start: Any, offset: list[Any]) -> None:
        """Eight numbers, aligned as one."""
        self._builder.store(value, self._vector_at(start, offset), align=4)

    def spread(self, number: Any) -> Any:
        """Eight times the same number."""
        undefined, index = ir.Constant(self.vector, ir.Undefined), ir.IntType(32)
        first = self._builder.insert_element(undefined, number, index(0))
        mask = ir.Constant(ir.VectorType(index, LANES), [0] * LANES)
        return self._builder.shuffle_vector(first, undefined, mask)

    def multiply_add(self, x: Any, y: Any, z: Any) -> Any:
        """x y + z, rounded once."""
        return self._builder.call(self._fma, [x, y, z])

    def _at(self, start: Any, offset: list[Any]) -> Any:
        total = offset[0]
        for term in offset[1:]:
            total = self._builder.add(total, term)
        return self._builder.gep(start, [total])

    def _vector_at(self, start: Any, offset: list[Any]) -> Any:
        return self._builder.bitcast(self._at(start, offset), self.vector.as_pointer())


@intrinsic
def _fma(_context: Any, x: Any, y: Any, z: Any) -> Any:
    """x y + z, rounded once."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.fma(*arguments)

    return types.float64(types.float64, types.float64, types.float64), generate


@intrinsic
def _power_of_two(_context: Any, shifted: Any) -> Any:
    """2**n from n + 1.5 * 2**52, whose last bits are n: moved to where a float64 has its exponent."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        bits = builder.bitcast(arguments[0], ir.IntType(64))
        return builder.bitcast(
            builder.shl(builder.add(bits, bits.type(1023)), bits.type(52)), ir.DoubleType()
        )

    return types.float64(types.float64), generate


@njit(inline="always", **OPTIONS)
def _exp(x: float) -> float:
    """exp(x), off by less than one unit in the last place; x is cut to [-708, 708], NaN stays NaN.

    x = n log 2 + r with |r| <= log(2) / 2, log 2 in two parts (Cody & Waite); then Taylor's polynomial of r
    to the 13th power, whose remainder is below 4e-18.
    """
    x = -708.0 if x < -708.0 else x
    x = 708.0 if x > 708.0 else x
    shifted = _fma(x, 1.4426950408889634, 6755399441055744.0)
    n = shifted - 6755399441055744.0
    r = _fma(n, -5.497923018708371e-14, _fma(n, -0.6931471805598903, x))
    p = 1.6059043836821613e-10
    p = _fma(p, r, 2.08767569878681e-09)
    p = _fma(p, r, 2.505210838544172e-08)
    p = _fma(p, r, 2.755731922398589e-07)
    p = _fma(p, r, 2.7557319223985893e-06)
    p = _fma(p, r, 2.48015873015873e-05)
    p = _fma(p, r, 0.0001984126984126984)
    p = _fma(p, r, 0.001388888888888889)
    p = _fma(p, r, 0.008333333333333333)
    p = _fma(p, r, 0.041666666666666664)
    p = _fma(p, r, 0.16666666666666666)
    p = _fma(p, r, 0.5)
    p = _fma(p, r, 1.0)
    p = _fma(p, r, 1.0)
    return p * _power_of_two(shifted)


_product_5, _product_1 = _product_tile(5), _product_tile(1)
_gradient_5x2, _gradient_5x1, _gradient_1x1 = _gradient_tile(5, 2), _gradient_tile(5, 1), _gradient_tile(1, 1)


@njit(**OPTIONS)
def _product(M, m0, m_row, m_column, A, a0, Z, z0, rows, terms, B):
    """Z = M A for `rows` rows."""
    i = 0
    while i + 5 <= rows:
        _product_5(M, m0 + i * m_row, m_row, m_column, A, a0, B, Z, z0 + i * B, B, terms, B)
        i += 5
    while i < rows:
        _product_1(M, m0 + i * m_row, m_row, m_column, A, a0, B, Z, z0 + i * B, B, terms, B)
        i += 1


@njit(**OPTIONS)
def _add_gradient(D, d0, A, a0, S, s0, rows, columns, B):
    """Partial sums of D Aᵀ, (rows, columns, 8), added to S."""
    i = 0
    while i + 5 <= rows:
        k = 0
        while k + 2 <= columns:
            _gradient_5x2(
                D,
                d0 + i * B,
                B,
                A,
                a0 + k * B,
                B,
                S,
                s0 + (i * columns + k) * LANES,
                columns * LANES,
                LANES,
                B,
            )
            k += 2
        if k < columns:
            _gradient_5x1(
                D,
                d0 + i * B,
                B,
                A,
                a0 + k * B,
                B,
                S,
                s0 + (i * columns + k) * LANES,
                columns * LANES,
                LANES,
                B,
            )
        i += 5
    while i < rows:
        for k in range(columns):
            _gradient_1x1(
                D,
                d0 + i * B,
                B,
                A,
                a0 + k * B,
                B,
                S,
                s0 + (i * columns + k) * LANES,
                columns * LANES,
                LANES,
                B,
            )
        i += 1


# The elementwise loops take slices and count from 0: only then does the compiler vectorise them.


@njit(**OPTIONS)
def _activate(Z, z0, count, tanh):
    """relu or tanh in place; NaN stays NaN."""
    z = Z[z0 : z0 + count]
    if tanh:
        for j in range(count):
            z[j] = 1.0 - 2.0 / (_exp(2.0 * z[j]) + 1.0)
    else:
        for j in range(count):
            value = z[j]
            z[j] = 0.0 if value < 0.0 else value


@njit(**OPTIONS)
def _output_delta(Z, z0, labels, shares, y0, D, d0, B):
    """dzL = (sigmoid(zL) - Y) / m."""
    z, y, share, d = Z[z0 : z0 + B], labels[y0 : y0 + B], shares[y0 : y0 + B], D[d0 : d0 + B]
    for j in range(B):
        d[j] = share[j] * (1.0 / (1.0 + _exp(-z[j])) - y[j])


@njit(**OPTIONS)
def _through_activation(D, d0, A, a0, count, tanh):
    """dz = da f'(z) in place, f' from the activations."""
    d, a = D[d0 : d0 + count], A[a0 : a0 + count]
    if tanh:
        for j in range(count):
            d[j] *= 1.0 - a[j] * a[j]
    else:
        for j in range(count):
            value = d[j]
            d[j] = value if a[j] > 0.0 else 0.0


@njit(**OPTIONS)
def _update(weights, sums, learning_rate):
    for w in range(weights.size):
        s = sums[w * LANES : (w + 1) * LANES]
        gradient = ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))
        weights[w] -= learning_rate * gradient


def take_steps(
    steps, learning_rate, tanh, sizes, weight_starts, layer_starts, weights, examples, labels, shares,
    activations, deltas, sums, B
):  # fmt: skip
    """Take `steps` steps of gradient descent: changes `weights`; see the module for the layout.

    Parameters
    ----------
    steps : int
    learning_rate : float
    tanh : bool
        Hidden activation: tanh, or ReLU.
    sizes, weight_starts, layer_starts : (L+1,) int64
        n_0..n_L, and where each layer begins in `weights` and in `activations` (and `deltas`).
    weights, examples, labels, shares, activations, deltas, sums : 1-d float64
    B : int
        Examples a block, a multiple of 8.
    """
    L = sizes.size - 1
    stride = (sizes[0] + 1) * B
    for _ in range(steps):
        sums[:] = 0.0
        for block in range(labels.size // B):
            for layer in range(L):
                rows, columns = sizes[layer + 1], sizes[layer] + 1
                z0, w0 = layer_starts[layer], weight_starts[layer]
                if layer == 0:
                    _product(
                        weights, w0, columns, 1, examples, block * stride, activations, z0, rows, columns, B
                    )
                else:
                    a0 = layer_starts[layer - 1]
                    _product(weights, w0, columns, 1, activations, a0, activations, z0, rows, columns, B)
                if layer < L - 1:
                    _activate(activations, z0, rows * B, tanh)
            last = layer_starts[L - 1]
            _output_delta(activations, last, labels, shares, block * B, deltas, last, B)
            for layer in range(L - 1, -1, -1):
                rows, columns = sizes[layer + 1], sizes[layer] + 1
                d0, w0 = layer_starts[layer], weight_starts[layer]
                if layer == 0:
                    _add_gradient(deltas, d0, examples, block * stride, sums, w0 * LANES, rows, columns, B)
                else:
                    a0 = layer_starts[layer - 1]
                    _add_gradient(deltas, d0, activations, a0, sums, w0 * LANES, rows, columns, B)
                    _product(weights, w0, 1, columns, deltas, d0, deltas, a0, sizes[layer], rows, B)
                    _through_activation(deltas, a0, activations, a0, sizes[layer] * B, tanh)
        _update(weights, sums, learning_rate)


def signature(number: Any) -> Any:
    """The types that `take_steps` is compiled for, with `number` (types.float64) as the numbers' type."""
    integers, numbers = types.int64[::1], number[::1]
    return types.void(
        types.int64, number, types.boolean, integers, integers, integers, *[numbers] * 7, types.int64
    )


def compile_for(number: Any, *, cache: bool) -> Callable[..., None]:
    """`take_steps` compiled for one type of number; with `cache`, read from disk when it is there."""
    compiled: Callable[..., None] = njit(signature(number), cache=cache, **OPTIONS)(take_steps)
    return compiled
