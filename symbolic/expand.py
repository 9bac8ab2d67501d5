"""A statement at one size, every value symbolic: a second route from the statement in SymPy to its truth.

    size = Size(setting, {"p": 2, "q": 3}, (lhs, rhs), {"i": "p"})
    size.difference(lhs, rhs)  ->  None, or the positions at which the sides differ

Shares no code with the kernel: of a setting it takes what its letters are and what its operators and defined symbols stand for. Sums are
written out, derivatives are those of polynomials. The softmax moves with its scores by ∂s_j = s_j (∂x_j − Σ_i s_i ∂x_i), a letter with
a definition as that does, and D by ∂D = −D² ∂p where D · p = 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import Any

import numpy as np
import sympy as sp
from flint import fmpq
from numpy.typing import NDArray

from symbolic.bridge import Reader
from symbolic.calculus import Law, Operator
from symbolic.chance import Chance
from symbolic.dimension import Dimension, within
from symbolic.entries import depths, positions
from symbolic.indexed import Expr, KernelError, Tensor
from symbolic.kinds import Exponential, Free, Inverse, Is, MatrixRoot, Softmax
from symbolic.polynomials import Budget, Place, Polynomial, Unsupported, entry
from symbolic.proof import divisors
from symbolic.relations import Related
from symbolic.setting import Setting

KEPT = (sp.Sum, sp.Derivative, sp.core.function.AppliedUndef)


@dataclass(frozen=True)
class Scope:
    """Positions of the running indices, from 0, and their dimensions."""

    index: Mapping[str, int] = field(default_factory=dict)
    dims: Mapping[str, Dimension] = field(default_factory=dict)

    def where(self, name: str, dim: Dimension, position: int) -> Scope:
        """The scope within a sum."""
        return Scope({**self.index, name: position}, {**self.dims, name: dim})


@dataclass
class Named:
    """What expressions name: letters and scalars, those they divide by, and the dimensions of their sums."""

    letters: set[str] = field(default_factory=set)
    divided: set[str] = field(default_factory=set)
    dims: set[Dimension] = field(default_factory=set)

    def add(self, expr: Expr) -> None:
        """Takes up what an expression of the kernel names."""
        self.letters |= {*expr.names[0], *expr.names[1]}
        self.divided |= divisors(expr)


def _is_number(reader: Reader, name: str) -> bool:
    """Whether a symbol is a letter without slots."""
    letter = reader.language.letters.get(name)
    return letter is not None and not letter.tensor.slots


def named(setting: Setting, reader: Reader, expressions: Iterable[sp.Expr]) -> Named:
    """What these expressions name, with that for which defined symbols and operators stand."""
    found, left, done = Named(), list(expressions), set[str]()
    operators: dict[str, Operator] = {}
    while left:
        for one in sp.preorder_traversal(left.pop()):
            match one:
                case sp.Symbol(name=name) if name in reader.defined:
                    left += [reader.defined[name]] if name not in done else []
                    done.add(name)
                case sp.Symbol(name=name) if name in reader.language.symbols or _is_number(reader, name):
                    found.letters.add(name)
                case sp.Indexed():
                    found.letters.add(one.base.name)
                case sp.Pow(base=sp.Symbol(name=name), exp=power) if power.is_negative:
                    found.divided.add(name)
                case sp.Sum():
                    found.dims |= {_dimension(reader, low, high) for _, low, high in one.limits}
                case sp.core.function.AppliedUndef() if (name := one.func.__name__) in reader.operators:
                    operators[name] = reader.operators[name]
    for operator in operators.values():
        for law in operator.laws.values():
            for part in law.expressions:
                found.add(part)
            found.letters |= (
                {law.second.name} if law.second is not None and (law.gaussian or law.centred) else set()
            )
        for tensor in operator.laws:
            found.letters.add(tensor.name)
    puts = [(tensor.name, value) for one in operators.values() for tensor, (_, value) in one.puts.items()]
    met: list[str] = []
    while more := [put for put in puts if put[0] not in met and put[0] in depths(setting, found.letters)]:
        for name, value in more:
            met.append(name)
            found.add(value)
    return found


def _dimension(reader: Reader, low: sp.Expr, high: sp.Expr) -> Dimension:
    try:
        return reader.language.dimension(low, high)
    except KernelError as error:
        raise Unsupported(f"a sum from {low} to {high}") from error


class Size(Related):
    """Statements at one size, whose free indices have these dimensions."""

    def __init__(
        self,
        setting: Setting,
        sizes: Mapping[str, int],
        expressions: Iterable[sp.Expr],
        dims: Mapping[str, str],
        assumptions: Iterable[str] = (),
        budget: Budget | None = None,
    ) -> None:
        self.reader = setting.reader(dims)
        self.axes = {name: setting.language.dimensions[dim] for name, dim in dims.items()}
        found = named(setting, self.reader, expressions)
        super().__init__(setting, sizes, found.letters, found.divided, assumptions, budget)
        self.monomials = 0
        self._values: dict[Any, Polynomial] = {}
        self._symbols: dict[sp.Basic, frozenset[str]] = {}
        self._rates: dict[tuple[str, str], Polynomial] = {}
        # Their definitions are put in early, where much cancels. Derivatives may be taken in letters that are expressions.
        self._matrices = [name for name, kind in self.kinds.items() if isinstance(kind, Inverse | MatrixRoot)]
        self._letter_of = {one: name for name in self.order for one in self.generators(name)}

    def value(self, expr: sp.Expr, scope: Scope) -> Polynomial:
        """The expression with these positions of its indices; sums, operators and derivatives are worked out once."""
        if not isinstance(expr, KEPT):
            return self._value(expr, scope)
        symbols = self._names(expr)
        key = expr, tuple((name, position) for name, position in scope.index.items() if name in symbols)
        if key not in self._values:
            self._values[key] = self.unfolded(self._value(expr, scope), self._matrices)
        return self._values[key]

    def _names(self, expr: sp.Basic) -> frozenset[str]:
        """Names of all symbols, with the free indices of operators. Not free_symbols: SymPy leaves out of them the indices of the
        entry that a derivative is taken in."""
        found = self._symbols.get(expr)
        if found is None:
            name = expr.func.__name__ if isinstance(expr, sp.core.function.AppliedUndef) else ""
            own = (
                {index.name for index in self.reader.operators[name].free()}
                if name in self.reader.operators
                else set()
            )
            own |= {expr.name} if isinstance(expr, sp.Symbol) else set()
            found = self._symbols[expr] = frozenset(own).union(*map(self._names, expr.args))
        return found

    def _value(self, expr: sp.Expr, scope: Scope) -> Polynomial:
        match expr:
            case sp.Rational():
                return self.ring.constant(fmpq(int(expr.p), int(expr.q)))
            case sp.Symbol() if expr.name in self.reader.defined:
                return self.value(self.reader.defined[expr.name], Scope())
            case sp.Symbol():
                return self.letter(expr.name)
            case sp.Add():
                return self.sum(self.value(part, scope) for part in expr.args)
            case sp.Mul():
                found = self.one
                for part in expr.args:
                    found = self.times(found, self.value(part, scope))
                return found
            case sp.Pow():
                return self._power(expr, scope)
            case sp.Sum():
                return self._sum(expr.function, list(reversed(expr.limits)), scope)
            case sp.KroneckerDelta():
                i, j = (self._index(part, scope) for part in expr.args[:2])
                return self.one if i == j else self.zero
            case sp.Indexed():
                return self.letter(*self._entry(expr, scope))
            case sp.Derivative():
                return self._derivative(expr, scope)
            case sp.core.function.AppliedUndef():
                return self._operator(expr.func.__name__, expr.args[0], scope)
        raise Unsupported(f"an expression of type {type(expr).__name__}")

    def _index(self, symbol: sp.Expr, scope: Scope) -> int:
        if not isinstance(symbol, sp.Symbol) or symbol.name not in scope.index:
            raise Unsupported(f"index {symbol}")
        return scope.index[symbol.name]

    def _entry(self, expr: sp.Indexed, scope: Scope) -> tuple[str, Place]:
        """Letter and place. An index over a part is one over the whole; no other stands in a slot of another dimension."""
        name, indices = expr.base.name, expr.indices
        slots = self.setting.slots(name)
        if len(indices) != len(slots):
            raise Unsupported(f"letter {name} with {len(indices)} indices")
        at = tuple(self._index(i, scope) for i in indices)
        for symbol, slot in zip(indices, slots, strict=True):
            if not within(dim := scope.dims[symbol.name], slot):
                raise Unsupported(f"index {symbol} of dimension {dim} where {name} has {slot}")
        return name, at

    def _power(self, expr: sp.Pow, scope: Scope) -> Polynomial:
        base, power = expr.args
        if not power.is_Integer:
            raise Unsupported(f"power {power}")
        if power >= 0:
            return self.raised(self.value(base, scope), int(power))
        if isinstance(base, sp.Rational):
            return self.ring.constant(fmpq(int(base.p), int(base.q)) ** int(power))
        if isinstance(base, sp.Symbol) and base.name in self.reader.language.symbols:
            return self.power(base.name, int(power))
        raise Unsupported(f"division by {base}")

    def _sum(self, body: sp.Expr, limits: list[Any], scope: Scope) -> Polynomial:
        if not limits:
            return self.value(body, scope)
        (name, low, high), rest = limits[0], limits[1:]
        dim = _dimension(self.reader, low, high)
        return self.sum(self._sum(body, rest, scope.where(name.name, dim, n)) for n in self.positions(dim))

    # Operators

    def _operator(self, name: str, inner: sp.Expr, scope: Scope) -> Polynomial:
        """Other entries in the place of all entries of some letters, and then the mean over random letters."""
        if name not in self.reader.operators:
            raise Unsupported(f"operator {name}")
        operator, value = self.reader.operators[name], self.value(inner, scope)
        if puts := {tensor.name: put for tensor, put in operator.puts.items() if tensor.name in self.kinds}:
            value = self._opened(value, puts)
            instead = {
                entry(letter, at): self.of(put, {**scope.index, **positions(indices, at)})
                for letter, (indices, put) in puts.items()
                for at in self.places(letter)
            }
            value = self.replaced(value, instead)
        return self._mean(value, operator.laws, scope) if operator.laws else value

    def _opened(self, value: Polynomial, letters: Iterable[str]) -> Polynomial:
        """The value with definitions in the place of letters that are made of these. Raises Unsupported where there is none."""
        made = self.reach(letters) - set(letters)
        value = self.unfolded(value, made)
        degrees = value.degrees()
        for name in made:
            if any(degrees[self.where[one]] for one in self.generators(name)):
                raise Unsupported(f"an operator on {name}, which is made of {', '.join(sorted(letters))}")
        return value

    def _mean(self, value: Polynomial, laws: Mapping[Tensor, Law], scope: Scope) -> Polynomial:
        """The mean over random letters. Raises Unsupported for a moment that a law does not give."""
        for tensor in laws:
            self._independent(tensor.name, "a mean over")
        value = self._opened(value, {tensor.name for tensor in laws})
        random = [Chance(self, tensor, law, scope.index) for tensor, law in laws.items()]
        parts: dict[tuple[tuple[int, ...], ...], dict[Place, Any]] = {}
        for powers, coefficient in value.to_dict().items():
            rest, drawn = list(powers), []
            for one in random:
                drawn.append(tuple(powers[place] for place in one.where))
                for place in one.where:
                    rest[place] = 0
            terms = parts.setdefault(tuple(drawn), {})
            terms[tuple(rest)] = terms.get(tuple(rest), 0) + coefficient
        found = []
        for powers_of, terms in parts.items():
            moments = [one.mean(powers) for one, powers in zip(random, powers_of, strict=True)]
            if all(moments):
                found.append(self.times(self.ring.from_dict(terms), prod(moments, start=self.one)))
        return self.sum(found)

    # Derivatives

    def _derivative(self, expr: sp.Derivative, scope: Scope) -> Polynomial:
        result = self.value(expr.expr, scope)
        for variable, times in expr.variable_count:
            if not isinstance(variable, sp.Indexed):
                raise Unsupported(f"a derivative in {variable}")
            name, at = self._entry(variable, scope)
            if entry(name, at) not in self.generator:
                raise Unsupported(f"a derivative in {name}")
            self._independent(name, "a derivative in")
            for _ in range(int(times)):
                result = self.slope(result, entry(name, at))
        return result

    def slope(self, poly: Polynomial, target: str) -> Polynomial:
        """∂ of a polynomial in a generator, with all that is made of its letter."""
        moved, degrees = self.reach((self._letter_of[target],)), poly.degrees()
        return self.sum(
            self.times(poly.derivative(name), self._rate(name, target))
            for name, degree in zip(self.names, degrees, strict=True)
            if degree and self._letter_of[name] in moved
        )

    def _rate(self, name: str, target: str) -> Polynomial:
        if (name, target) not in self._rates:
            self._rates[name, target] = self._moves(name, target)
        return self._rates[name, target]

    def _moves(self, name: str, target: str) -> Polynomial:
        """∂ of a generator in a generator. Raises Unsupported where no rule is known."""
        letter = self._letter_of[name]
        if letter == self._letter_of[target]:
            return self.one if name == target else self.zero
        if name in self.definition(letter):
            return self.slope(self.definition(letter)[name], target)
        match self.kinds[letter]:
            case Softmax(indices, scores, over):
                at, slot = self._at(letter, name), indices.index(over)
                column = [(*at[:slot], n, *at[slot + 1 :]) for n in self.positions(over.dim)]
                moves = {one: self.slope(self.of(scores, positions(indices, one)), target) for one in column}
                mean = self.sum(self.letter(letter, one) * moves[one] for one in column)
                return self.generator[name] * (moves[at] - mean)
            case Exponential(indices, value):
                inner = self.of(value, positions(indices, self._at(letter, name)))
                return self.generator[name] * self.slope(inner, target)
        for relation in self.relations:
            if relation.about == name and relation.inverted is not None:
                return -(self.generator[name] ** 2) * self.slope(relation.inverted, target)
        raise Unsupported(f"a derivative of {letter}")

    def _at(self, letter: str, name: str) -> Place:
        return next(at for at in self.places(letter) if entry(letter, at) == name)

    def _independent(self, letter: str, what: str) -> None:
        """Raises Unsupported for a letter whose entries are tied by a relation, or by a definition that is no expression."""
        own = self.setting.language.letters.get(letter)
        tied = (own is not None and own.tensor.symmetric) or any(
            self._letter_of[one.about] == letter and one.inverted is None for one in self.relations
        )
        if tied or (self.defined(letter) and not isinstance(self.kinds[letter], Is)):
            raise Unsupported(f"{what} {letter}, whose entries are not independent")

    # Decision

    def sides(self, lhs: sp.Expr, rhs: sp.Expr, scope: Scope) -> tuple[Polynomial, Polynomial]:
        """Both sides at one entry, as they are written out."""
        left, right = self.value(lhs, scope), self.value(rhs, scope)
        self.monomials += len(left) + len(right)
        return left, right

    def difference(self, lhs: sp.Expr, rhs: sp.Expr) -> dict[str, int] | None:
        """Positions of the free indices, from 1, at which the sides are not the same; None where they always are."""
        for scope in self.scopes():
            left, right = self.sides(lhs, rhs, scope)
            if not self.vanishes(left - right):
                return {name: position + 1 for name, position in scope.index.items()}
        return None

    def at_most(self, lhs: sp.Expr, rhs: sp.Expr, when: Sequence[tuple[sp.Expr, sp.Expr]] = ()) -> bool:
        """Whether the right side less the left is seen to be nonnegative at every entry, under conditions a ≤ b."""
        for scope in self.scopes():
            left, right = self.sides(lhs, rhs, scope)
            facts = [self.value(high, scope) - self.value(low, scope) for low, high in when]
            if not self.seen_nonnegative(right - left, facts):
                return False
        return True

    def scopes(self) -> Iterator[Scope]:
        """All positions of the free indices."""
        for at in product(*map(self.positions, self.axes.values())):
            yield Scope(dict(zip(self.axes, at, strict=True)), self.axes)

    def at_point(
        self, lhs: sp.Expr, rhs: sp.Expr, at: Mapping[str, int]
    ) -> tuple[fmpq, fmpq, dict[str, NDArray[Any]]] | None:
        """Both sides at an entry, and the free letters, at a rational point where the sides differ; None where none is at hand."""
        if self.point is None or any(isinstance(kind, Softmax) for kind in self.kinds.values()):
            return None
        scope = Scope({name: position - 1 for name, position in at.items()}, self.axes)
        left, right = (side(*self.point) for side in self.sides(lhs, rhs, scope))
        if left == right:
            return None
        values, letters = dict(zip(self.names, self.point, strict=True)), {}
        for name in reversed(self.order):
            if isinstance(self.kinds[name], Free):
                letters[name] = np.empty(self.setting.shape(name, self.sizes), dtype=object)
                for place in np.ndindex(letters[name].shape):
                    letters[name][place] = values[entry(name, self._place(name, place))]
        return left, right, letters
