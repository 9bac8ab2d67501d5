"""What statements are written with: indices, letters and sums. All of them are SymPy objects or make some."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from decimal import Decimal
from numbers import Complex, Rational
from typing import TYPE_CHECKING, Any, NoReturn

import sympy as sp

from numeric.errors import InputError
from symbolic.dimension import Dimension
from symbolic.language import Language

if TYPE_CHECKING:
    from verify.own.declarations import Declarations


class IndexSymbol(sp.Symbol):  # type: ignore[misc]
    """An index: a SymPy symbol that knows its dimension."""

    __slots__ = ("dim", "owner")
    dim: Dimension
    owner: Declarations

    def __new__(cls, name: str, dim: Dimension, owner: Declarations) -> IndexSymbol:
        made: IndexSymbol = sp.Symbol.__xnew__(cls, name, integer=True)
        made.dim, made.owner = dim, owner
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        return (self.name, self.dim, self.owner), {}

    def _hashable_content(self) -> tuple[Any, ...]:
        return (self.name, self.dim.name, id(self.owner))


class NoNumber(ABC):
    """What has no value: each operation on it raises InputError, which says what has one."""

    @abstractmethod
    def refused(self, argument: str) -> InputError:
        """The error for its use as a number."""

    def _operated(self, *_: object) -> NoReturn:
        raise self.refused("operation")

    T = property(_operated)
    _sympy_ = __bool__ = __float__ = __int__ = __len__ = __iter__ = __call__ = __setitem__ = _operated
    __pos__ = __neg__ = __abs__ = __lt__ = __le__ = __gt__ = __ge__ = _operated
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __matmul__ = __rmatmul__ = _operated
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = (
        _operated
    )


class Dim(NoNumber):
    """A dimension of a setting: `size` is its size as a scalar of a statement, `index` makes an index over it."""

    def __init__(self, owner: Declarations, dim: Dimension) -> None:
        self._owner, self.dim = owner, dim

    @property
    def size(self) -> sp.Expr:
        """The size, a positive whole number; of the last part of a dimension, which may be empty, a difference of sizes."""
        return sp.Add(*(sign * Language.size(name) for name, sign in self.dim.pieces))

    @property
    def parts(self) -> tuple[Dim, ...]:
        """The parts that it was declared with."""
        return tuple(Dim(self._owner, part) for part in self.dim.parts)

    def index(self, name: str) -> IndexSymbol:
        """An index over this dimension. Raises InputError for a name that something else in the setting has."""
        return self._owner.new_index(name, self.dim)

    __getitem__ = NoNumber._operated

    def __repr__(self) -> str:
        return f"dimension {self.dim.name} of {self._owner.name}"

    def refused(self, argument: str) -> InputError:
        """The error for a dimension where its size is meant."""
        return InputError(
            argument,
            repr(self),
            "a size or an index",
            f'write {self.dim.name}.size, or {self.dim.name}.index("i")',
        )


class Letter(NoNumber):
    """A letter of a setting: `X[i, j]` is an entry."""

    def __init__(self, owner: Declarations, name: str, slots: tuple[Dimension, ...]) -> None:
        self._owner, self.name, self.slots = owner, name, slots
        self._base = sp.IndexedBase(name)

    def __getitem__(self, at: IndexSymbol | tuple[IndexSymbol, ...]) -> sp.Expr:
        """An entry. Raises InputError where the indices are not those of its slots."""
        indices = at if isinstance(at, tuple) else (at,)
        if len(indices) != len(self.slots):
            needs = ", ".join(slot.name for slot in self.slots)
            raise InputError(
                self.name,
                f"{len(indices)} indices",
                f"{len(self.slots)} indices, over {needs}",
                "give one for each slot",
            )
        for index, slot in zip(indices, self.slots, strict=True):
            if not isinstance(index, IndexSymbol):
                raise InputError(
                    self.name, repr(index), f"an index over {slot}", f'make one by {slot}.index("i")'
                )
            if index.owner is not self._owner:
                raise InputError(
                    self.name,
                    f"index {index.name} of {index.owner.name}",
                    f"an index of {self._owner.name}",
                    "use one setting",
                )
            if index.dim is not slot and index.dim.whole is not slot:
                raise InputError(
                    self.name,
                    f"index {index.name} over {index.dim}",
                    f"an index over {slot}",
                    "look at the order of its slots",
                )
        return self._base[indices]

    def __repr__(self) -> str:
        return self.name

    def refused(self, argument: str) -> InputError:
        """The error for a letter where an entry is meant."""
        entry = f"{self.name}[{', '.join('ijklmnabc'[: len(self.slots)])}]"
        transposed = f"; the transpose has the entries {self.name}[j, i]" if len(self.slots) == 2 else ""
        return InputError(
            argument, f"letter {self.name}", f"an entry, such as {entry}", f"name the indices{transposed}"
        )


def different(argument: str, indices: Iterable[Any]) -> tuple[IndexSymbol, ...]:
    """These indices. Raises InputError for what is no index, and for an index that is named twice."""
    found = tuple(indices)
    for index in found:
        if not isinstance(index, IndexSymbol):
            raise InputError(argument, shown(index), "an index", 'make one by p.index("i")')
    if len(set(found)) < len(found):
        names = ", ".join(index.name for index in found)
        raise InputError(argument, names, "different indices", "name each of them once")
    return found


def total(expr: Any, *indices: IndexSymbol) -> sp.Expr:
    """Σ of an expression over these indices, each over its dimension.

    Raises InputError for what is no index, and for an index that is named twice.
    """
    if not indices:
        raise InputError("total", str(expr), "an index to sum over", "name it, as in total(u[i] ** 2, i)")
    limits = ((index, *index.owner.language.limits(index.dim)) for index in different("total", indices))
    return sp.Sum(expression("total", expr), *limits)


def shown(value: object) -> str:
    """A value as a message shows it: in full where that is short and the same each time."""
    plain = isinstance(value, str | bytes | bool | Complex | sp.Basic | NoNumber | list | tuple | None)
    return repr(value) if plain else f"a value of type {type(value).__name__}"


def expression(argument: str, value: Any) -> sp.Expr:
    """What was given as a SymPy expression. Raises InputError for what is none, floating-point numbers among it. A text is never read,
    since to read one is to run it."""
    if isinstance(value, NoNumber):
        raise value.refused(argument)
    number = isinstance(value, Rational) and not isinstance(value, bool)
    if isinstance(value, Complex | Decimal) and not isinstance(value, Rational):
        raise InputError(argument, repr(value), "exact numbers", "write fractions, as in Fraction(1, 3)")
    if isinstance(value, sp.core.relational.Relational):
        raise InputError(argument, str(value), "an expression with a value", "a relation goes into `when`")
    if not number and not isinstance(value, sp.Expr):
        remedy = (
            "write it without quotation marks" if isinstance(value, str) else "write it as in 2 * u[i] ** 2"
        )
        raise InputError(argument, shown(value), "an expression in letters of the setting", remedy)
    found = sp.sympify(value)
    if floats := found.atoms(sp.Float):
        raise InputError(
            argument, str(min(floats, key=str)), "exact numbers", "write fractions, as in Fraction(1, 3)"
        )
    return found


def free_indices(expr: sp.Basic) -> set[IndexSymbol]:
    """The indices that no sum in it binds."""
    if isinstance(expr, IndexSymbol):
        return {expr}
    if isinstance(expr, sp.Sum):
        return free_indices(expr.function) - {limits[0] for limits in expr.limits}
    if isinstance(expr, sp.Derivative):
        variables = (free_indices(variable) for variable in expr.variables)
        return free_indices(expr.expr).union(*variables)
    return set[IndexSymbol]().union(*map(free_indices, expr.args))


def supposed(condition: sp.core.relational.Relational) -> sp.Expr:
    """What a condition says to be nonnegative, as a factor of a proof."""
    return slack(condition.lts, condition.gts)


def slack(low: sp.Expr, high: sp.Expr) -> sp.Expr:
    """The larger side less the smaller one, which is not multiplied out."""
    return sp.UnevaluatedExpr(high - low)


def squares(
    expr: sp.Expr, bind: tuple[IndexSymbol, ...] = ()
) -> Iterable[tuple[sp.Expr, sp.Expr, tuple[IndexSymbol, ...]]]:
    """A combination of squares as its parts: what a square is multiplied by, what is squared, and the indices that are summed over.

    Even powers are squares; what is left of a product is the multiplier.
    """
    if isinstance(expr, sp.Add):
        for part in expr.args:
            yield from squares(part, bind)
        return
    factors = sp.Mul.make_args(expr)
    if several := next((one for one in factors if isinstance(one, sp.Add) and one.has(sp.Sum)), None):
        for part in several.args:
            yield from squares(sp.Mul(*(one for one in factors if one is not several), part), bind)
        return
    multiplier, root, inner = sp.Integer(1), sp.Integer(1), None
    for factor in factors:
        if isinstance(factor, sp.Pow) and factor.exp.is_Integer and factor.exp > 0 and factor.exp % 2 == 0:
            root *= factor.base ** (factor.exp // 2)
        elif isinstance(factor, sp.Sum) and inner is None:
            inner = factor
        else:
            multiplier *= factor
    if inner is None:
        yield multiplier, root, bind
        return
    for more, square, over in squares(inner.function, (*bind, *(limits[0] for limits in inner.limits))):
        yield multiplier * more, root * square, over
