"""A setting of one's own as the engine has it: how it is read, what its letters are functions of, and what proofs may take of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from itertools import combinations

from symbolic.bound import Fact, Premise
from symbolic.bridge import Reader
from symbolic.calculus import Chain, Law, Operator, derivative
from symbolic.course import SoftmaxPair
from symbolic.find.library import vector
from symbolic.functions import Function, Of
from symbolic.functions import Is as FunctionIs
from symbolic.functions import Softmax as FunctionSoftmax
from symbolic.indexed import Expr, Index, KernelError, Tensor, delta, fresh, number, scalar
from symbolic.kinds import (
    AbsoluteValue,
    Extremum,
    Free,
    Inverse,
    Is,
    Kind,
    LargestRoot,
    MatrixRoot,
    Softmax,
    SpectralNorm,
    parts,
)
from symbolic.language import Language
from symbolic.proof import Axiom
from symbolic.registry import CONDITION, LETTER, Entry, Registry
from symbolic.setting import Setting

MEAN = "monotony of expectations"  # which neither checker derives, so that a proof that takes it is given it


class Built:
    """What is made of the declarations of a setting. `conditions` are those of its statements, by the name of the statement."""

    def __init__(
        self,
        name: str,
        language: Language,
        kinds: Mapping[str, Kind],
        operators: Mapping[str, Operator],
        laws: tuple[tuple[Tensor, Law], ...],
    ) -> None:
        self.name, self.language, self.kinds, self.laws = name, language, kinds, laws
        self._declared = operators

    @cached_property
    def reader(self) -> Reader:
        """Reads statements; a law or a derivative that cannot be worked out raises KernelError."""
        return Reader(
            self.language, functions=self.functions, differentiate=self.slope, operators=self.operators
        )

    # Expectations

    @cached_property
    def operators(self) -> dict[str, Operator]:
        """The operators of the setting. The argument of each has the letters that a random one enters by definition written out."""
        return {name: self._written_out(operator) for name, operator in self._declared.items()}

    def _written_out(self, operator: Operator) -> Operator:
        random = {tensor.name for tensor in operator.laws}
        moved = {
            name for name in self.kinds if name not in random and not random.isdisjoint(self.reach(name))
        }
        defined = {
            self.language.letters[name].tensor: kind
            for name in moved
            if name in self.language.letters and isinstance(kind := self.kinds[name], Is)
        }

        def value(expr: Expr) -> Expr:
            for tensor, kind in defined.items():
                if tensor.name in expr.names[0]:
                    expr = value(expr.replace(tensor, _at(kind)))
            return expr

        puts = {tensor: (kind.indices, value(kind.value)) for tensor, kind in defined.items()}

        def guard(inner: Expr) -> None:
            met = {name for expr in (inner, value(inner)) for names in expr.names for name in names}
            if left := sorted(met & moved - {tensor.name for tensor in defined}):
                cause = min(random & self.reach(left[0]))
                raise KernelError(
                    f"expectation of {left[0]}, which depends on {cause} and is no sum of products of entries"
                )

        return replace(operator, guard=guard, puts=puts)

    # Derivatives

    def slope(self, expr: Expr, target: Tensor, at: tuple[Index, ...]) -> Expr:
        """∂ of an expression in an entry of a free letter. Raises KernelError where a letter in it has no derivative that is known."""
        if not isinstance(self.kinds.get(target.name), Free):
            raise KernelError(
                f"derivative in {target.name}, which is made of other letters: only in a free letter"
            )
        names = {*expr.names[0], *expr.names[1]}
        for name in sorted(names - {target.name}):
            if target.name in self.reach(name) and self._chain(name, target) is None:
                raise KernelError(f"derivative of {name} in {target.name}: no rule is known")
        chains = {
            self.language.letters[name].tensor: chain
            for name in self.language.letters
            if (chain := self._chain(name, target)) is not None
        }
        return derivative(expr, target, at, chains)

    def reach(self, name: str) -> frozenset[str]:
        """The letters and scalars that one is made of, itself too."""
        found, left = set[str](), [name]
        while left:
            one = left.pop()
            if one not in found:
                found.add(one)
                left += [
                    other
                    for expr in parts(self.kinds.get(one, Free()))
                    for names in expr.names
                    for other in names
                ]
        return frozenset(found)

    def _chain(self, name: str, target: Tensor) -> Chain | None:
        letter, kind = self.language.letters.get(name), self.kinds.get(name)
        if letter is None or name == target.name or target.name not in self.reach(name):
            return None
        match kind:
            case Is(indices, value):
                return lambda refs, at: self.slope(
                    value.at(dict(zip(indices, refs, strict=True))), target, at
                )
            case Softmax(indices, scores, over):
                place = indices.index(over)

                def chain(refs: tuple[Index, ...], at: tuple[Index, ...]) -> Expr:
                    other = fresh(over.dim)
                    moved = (*refs[:place], other, *refs[place + 1 :])
                    own, mean = (
                        self.slope(scores.at(dict(zip(indices, its, strict=True))), target, at)
                        for its in (refs, moved)
                    )
                    return letter.tensor[refs] * (own - (letter.tensor[moved] * mean).sum(other))

                return chain
        return None

    @cached_property
    def functions(self) -> dict[str, Function]:
        """What each letter and scalar is a function of, for the second checker."""
        found: dict[str, Function] = {}
        for name, kind in self.kinds.items():
            match kind:
                case Free():
                    found[name] = Of()
                case Is(indices, value) if name in self.language.letters:
                    found[name] = FunctionIs(indices, value)
                case Softmax(indices, scores, over):
                    ((inner, _),) = next(iter(scores.terms)).factors
                    found[name] = FunctionSoftmax(inner, indices.index(over))
                case _:
                    letters = {t for expr in parts(kind) for t in expr.tensors()}
                    found[name] = Of(tuple(sorted(letters, key=lambda tensor: tensor.name)))
        return found

    # What proofs may take

    def letters(self) -> Iterator[Premise]:
        """What the letters are, as axioms and as facts."""
        for name, kind in self.kinds.items():
            if (axiom := self._setting_alone.definition(name)) is not None:
                yield axiom
            letter = self.language.letters.get(name)
            match kind:
                case Free("unit columns") if letter is not None:
                    row, column = (
                        Index(x, slot) for x, slot in zip(("r", "c"), letter.tensor.slots, strict=True)
                    )
                    yield Axiom(
                        f"columns of {name} have norm 1",
                        (letter.tensor[row, column] ** 2).sum(row),
                        number(1),
                        (column,),
                    )
                case Free("positive semidefinite" | "positive definite") if letter is not None:
                    row, column = (Index(x, letter.tensor.slots[0]) for x in ("r", "c"))
                    vector = Tensor(f"any_{name}", (row.dim,))
                    form = (vector[row] * letter.tensor[row, column] * vector[column]).sum(row, column)
                    yield Fact(f"{name} is positive semidefinite", form, (), None, (vector,), when="always")
                case Inverse(indices, matrix) if letter is not None:
                    row, column = indices[-2:]
                    inner, last = fresh(row.dim), Index(f"{row.name}_", row.dim)
                    product = (matrix.at({column: inner}) * letter.tensor[inner, last]).sum(inner)
                    yield Axiom(f"{name} is an inverse", product, delta(row, last), (row, last))
                case MatrixRoot(indices, matrix) if letter is not None:
                    row, column = indices[-2:]
                    inner = fresh(row.dim)
                    yield Axiom(
                        f"{name} is a root",
                        (letter.tensor[row, inner] * letter.tensor[inner, column]).sum(inner),
                        matrix,
                        (row, column),
                    )
                case AbsoluteValue(indices, value):
                    entry = self._entry(name, indices)
                    yield Axiom(f"definition of {name}, squared", entry**2, value**2, indices)
                case LargestRoot(indices, over, squares):
                    for place, square in enumerate(squares):
                        yield Fact(
                            f"{name} is the largest, {place + 1}",
                            self._entry(name, indices) ** 2 - square,
                            (*indices, *over),
                            when="always",
                        )
                case Extremum(indices, over, values, least):
                    for place, value in enumerate(values):
                        gap = (
                            value - self._entry(name, indices)
                            if least
                            else self._entry(name, indices) - value
                        )
                        word = "least" if least else "largest"
                        yield Fact(
                            f"{name} is the {word}, {place + 1}", gap, (*indices, *over), when="always"
                        )
                case SpectralNorm(row, column, matrix):
                    vector = Tensor(f"any_{name}", (column.dim,))
                    image = (matrix * vector[column]).sum(column)
                    positive = scalar(name, 2) * (vector[column] ** 2).sum(column) - (image**2).sum(row)
                    yield Fact(f"{name} is the spectral norm", positive, (), None, (vector,), name, "always")

    def softmaxes(self) -> Iterator[SoftmaxPair]:
        """Each two letters of one shape that are a softmax of their scores."""
        kinds = [(name, kind) for name, kind in self.kinds.items() if isinstance(kind, Softmax)]
        for (name, one), (other, two) in combinations(kinds, 2):
            s, s2 = (self.language.letters[letter].tensor for letter in (name, other))
            if (s.slots, s.unit_sum) == (s2.slots, s2.unit_sum):
                scores = two.scores.at(dict(zip(two.indices, one.indices, strict=True)))
                said = f"{name} and {other} are softmax"
                yield SoftmaxPair(said, s, s2, one.scores, scores, one.indices, one.over)

    def _entry(self, name: str, indices: tuple[Index, ...]) -> Expr:
        letter = self.language.letters.get(name)
        return scalar(name) if letter is None else letter.tensor[indices]

    @cached_property
    def _setting_alone(self) -> Setting:
        return Setting(
            self.name, self.language, lambda: self.reader, lambda: self.kinds, lambda: Registry((), {})
        )

    def setting(self, conditions: tuple[Premise, ...], means: tuple[Fact, ...] = ()) -> Setting:
        """The setting whose proofs may take what its letters are, these conditions, and what is known of these expectations."""
        pairs = tuple(self.softmaxes())
        letters = (*self.letters(), *pairs)
        entries = (
            *(Entry(what, LETTER) for what in letters),
            *(Entry(what, MEAN) for what in means),
            *(Entry(what, CONDITION) for what in conditions),
        )
        vectors = [tensor for what in letters if isinstance(what, Fact) for tensor in what.any]
        vectors += dict.fromkeys(map(vector, pairs))
        registry = Registry(
            entries,
            dict.fromkeys(sorted(self.language.positive), "it is a size, or is declared positive"),
            (*(letter.tensor for letter in self.language.letters.values()), *vectors),
            (self.functions,),
            self.laws,
        )
        return Setting(self.name, self.language, lambda: self.reader, lambda: self.kinds, lambda: registry)


def _at(kind: Is) -> Callable[..., Expr]:
    """The value of a defined letter at the indices of an entry."""
    return lambda *refs: kind.value.at(dict(zip(kind.indices, refs, strict=True)))
