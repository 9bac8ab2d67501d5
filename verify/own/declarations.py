"""What is declared in a setting: dimensions, indices, letters and scalars by name, and how expressions in them are read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args

import sympy as sp

from numeric.errors import InputError
from symbolic import kinds as of
from symbolic.bridge import LanguageError
from symbolic.calculus import Law, Operator
from symbolic.dimension import Dimension
from symbolic.indexed import Expr, Index, KernelError, Tensor
from symbolic.language import Language, Scalar
from symbolic.language import Letter as Named
from symbolic.proof import divisors
from verify.own.build import Built
from verify.own.terms import Dim, IndexSymbol, Letter, different, expression, free_indices, shown

Slots = Dim | tuple[Dim, ...]
NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)
DOMAINS: tuple[str, ...] = get_args(of.LetterDomain)
RESERVED = re.compile(r"delta|any_.*")  # Kronecker's symbol, and the vectors of quadratic forms in proofs
LONGEST = 200  # characters in a name of a setting or a statement
DEGREE = 32  # entries in one product, each of which may have an index of its own
LANGUAGE = "write sums, products, whole powers, and quotients by sizes and positive scalars; S.norm and others make other functions"
NONNEGATIVE = ("nonnegative", "positive", "simplex")
SYMMETRIC = ("symmetric", "positive semidefinite", "positive definite")


def flags(domain: str) -> dict[str, Any]:
    """What the kernel knows of a free letter of this domain."""
    known: dict[str, Any] = {"symmetric": True} if domain in SYMMETRIC else {}
    known |= {"nonneg": True} if domain in NONNEGATIVE else {}
    return known | ({"unit_sum": 0} if domain == "simplex" else {})


class Declarations:
    """The dimensions, letters and scalars of one text. Every method that declares something raises InputError for a name that is taken."""

    def __init__(self, name: str) -> None:
        self.name = title("Setting", name, 'as in Setting("my note, Lemma 3")')
        self.origin = self  # a copy in which a letter has another domain has the indices of its origin
        self._dimensions: dict[str, Dimension] = {}
        self._letters: dict[str, Named] = {}
        self._scalars: dict[str, Scalar] = {}
        self._indices: dict[str, IndexSymbol] = {}
        self._operators: dict[str, Operator] = {}
        self._operator_latex: dict[str, str] = {}
        self._laws: list[tuple[Tensor, Law]] = []
        self.kinds: dict[str, of.Kind] = {}
        self._built: Built | None = None

    def _named(self, argument: str, name: str) -> str:
        if not isinstance(name, str) or not NAME.fullmatch(name):
            needed = "a name of letters from a to z, digits and _, a letter first"
            raise InputError(argument, shown(name), needed, 'choose another name, as in "X_1" or "alpha"')
        taken = (self._dimensions, self._letters, self._scalars, self._indices, self._operators)
        parts = {part.name for dim in self._dimensions.values() for part in dim.parts}
        if name in parts or any(name in table for table in taken):
            raise InputError(
                argument, name, "a name that nothing else in the setting has", "choose another name"
            )
        if RESERVED.fullmatch(name):
            needed = "another name than delta, which is Kronecker's symbol, or any_…, which proofs use"
            raise InputError(argument, name, needed, "choose another name")
        self._built = None
        return name

    def dims(self, names: str) -> Any:
        """Dimensions by their names, "p q": a tuple of them, or the one."""
        found = tuple(self._dim(name) for name in _words("dims", names))
        return found if len(found) > 1 else found[0]

    def dim(self, name: str, parts: str = "") -> Dim:
        """A dimension that is split into parts, "prompt rest": an index over a part is one over the whole. The last part may be empty."""
        for part in (words := _words("dim", parts) if parts else ()):
            self._named("dim", part)
        if len(words) == 1:
            raise InputError("dim", parts, "two parts or more", "name what is left as well")
        if len({name, *words}) <= len(words):
            raise InputError("dim", f"{name}: {parts}", "names that differ", "rename one of them")
        return self._dim(name, words)

    def _dim(self, name: str, parts: tuple[str, ...] = ()) -> Dim:
        made = Dimension(self._named("dims", name), parts)
        self._dimensions |= {part.name: part for part in made.parts} | {name: made}
        return Dim(self, made)

    def new_index(self, name: str, dim: Dimension) -> IndexSymbol:
        """An index over a dimension; the same name over the same dimension is the same index."""
        known = self._indices.get(name) if isinstance(name, str) else None
        if known is not None and known.dim is not dim:
            raise InputError(
                "index", name, f"a name that is no index over {known.dim} already", "choose another name"
            )
        if known is None:
            known = IndexSymbol(self._named("index", name), dim, self)
            self._indices[name] = known
        return known

    def letters(self, kind: str = "any", **slots: Slots) -> Any:
        """Letters by name, each with the dimensions of its slots: `X, u = S.letters(X=(p, q), u=p)`; a tuple, or the one letter.

        A letter without slots, `c = S.letters(c=())`, is a number of either sign, and a SymPy symbol.

        kind  any; nonnegative; positive; simplex (nonnegative, the entries over the first slot sum to one); unit columns (two slots:
              columns of norm 1, all different); symmetric, positive semidefinite or positive definite (two slots of one dimension)
        """
        if kind not in DOMAINS:
            raise InputError(
                "kind", shown(kind), f"one of {', '.join(DOMAINS)}", "leave it out for any entries"
            )
        found = tuple(
            self._letter(name, its, kind) if its != () else self._number(name, kind)
            for name, its in slots.items()
        )
        if not found:
            raise InputError("letters", "nothing", "a letter and its dimensions", "as in S.letters(u=p)")
        return found if len(found) > 1 else found[0]

    def _number(self, name: str, kind: str) -> sp.Symbol:
        """A letter without slots."""
        if kind == "simplex":
            raise InputError(name, kind, "a slot", f"as in S.letters(kind={kind!r}, {name}=p)")
        self._letter(name, (), kind)
        return self._letters[name].entry()

    def _letter(
        self, name: str, slots: Slots, kind: str = "any", *, said: of.Kind | None = None, **more: Any
    ) -> Letter:
        dims = tuple(self._owned(name, slot) for slot in (slots if isinstance(slots, tuple) else (slots,)))
        if kind in SYMMETRIC and (len(dims) != 2 or dims[0] is not dims[1]):
            raise InputError(
                name, kind, "two slots of one dimension", f"as in S.letters(kind={kind!r}, {name}=(p, p))"
            )
        if kind == "unit columns" and len(dims) != 2:
            raise InputError(
                name,
                kind,
                "two slots, of rows and of columns",
                f"as in S.letters(kind={kind!r}, {name}=(p, q))",
            )
        if kind == "simplex":
            self._never_empty(name, dims[0])
        tensor = Tensor(self._named("letters", name), dims, **flags(kind), **more)
        made = Letter(self, name, dims)
        places = "".join(f"{{{place}}}" for place in range(len(dims)))
        head = latex_of(name).replace("{", "{{").replace("}", "}}")
        latex = (
            f"{{{{{head}}}}}_{{{{{places}}}}}"
            if "_" in head and dims
            else f"{head}_{{{{{places}}}}}"
            if dims
            else head
        )
        self._letters[name] = Named(tensor, made._base, latex, f"a letter of {self.name}")
        self.kinds[name] = said if said is not None else of.Free(kind)  # type: ignore[arg-type]
        return made

    @staticmethod
    def _never_empty(name: str, dim: Dimension) -> None:
        if dim.may_be_empty:
            needed = "a dimension that is never empty, since what sums to one has an entry"
            raise InputError(name, dim.name, needed, "take another part, or the whole dimension")

    def _owned(self, argument: str, dim: object) -> Dimension:
        if not isinstance(dim, Dim):
            raise InputError(argument, shown(dim), "a dimension of the setting", 'make one by S.dims("p")')
        if dim._owner is not self:
            raise InputError(argument, repr(dim), f"a dimension of {self.name}", "use one setting")
        return dim.dim

    def scalars(self, names: str, positive: bool = True) -> Any:
        """Scalars by their names: positive, or nonnegative where `positive` is false; a tuple of SymPy symbols, or the one."""
        found = []
        truth("positive", positive)
        for name in _words("scalars", names):
            symbol = sp.Symbol(
                self._named("scalars", name), **{"positive" if positive else "nonnegative": True}
            )
            self._scalars[name] = Scalar(symbol, latex_of(name), f"a scalar of {self.name}", positive)
            self.kinds[name] = of.Free()
            found.append(symbol)
        return tuple(found) if len(found) > 1 else found[0]

    def _part(self, name: str, value: Any, indices: Sequence[IndexSymbol]) -> tuple[Expr, tuple[Index, ...]]:
        """What a letter is made of, as the kernel reads it, and the indices."""
        found = expression(name, value)
        different(name, indices)
        if left := free_indices(found) - set(indices):
            raise InputError(
                name,
                f"index {min(i.name for i in left)}",
                "an index of the letter, or a sum over it",
                "name it or sum over it",
            )
        at = tuple(Index(index.name, index.dim) for index in indices)
        return self.read(name, found, {index.name: index.dim for index in indices}), at

    # Reading

    @property
    def language(self) -> Language:
        """Dimensions, letters and scalars."""
        return Language(self._dimensions, self._letters, self._scalars, operators=self._operator_latex)

    def read(self, name: str, expr: sp.Expr, dims: Mapping[str, Dimension]) -> Expr:
        """An expression as the kernel reads it. Raises InputError that names the term which cannot be read."""
        for index in expr.atoms(IndexSymbol):
            if index.owner is not self.origin:
                raise InputError(
                    name,
                    f"index {index.name} of {index.owner.name}",
                    f"an index of {self.name}",
                    "use one setting",
                )
        language = self.built.language
        for symbol in expr.atoms(sp.Symbol) - expr.atoms(IndexSymbol):
            if symbol != language.symbols.get(symbol.name, symbol):
                needed = f"the {symbol.name} of {self.name}, which is declared otherwise"
                raise InputError(name, f"symbol {symbol.name}", needed, "use what its declaration returned")
        try:
            found = replace(self.built.reader, dims=dict(dims)).read(expr)
            if zero := sorted(divisors(found) - language.positive):
                raise KernelError(f"division by {zero[0]}, which may be zero")
            if (degree := max((len(monomial.factors) for monomial in found.terms), default=0)) > DEGREE:
                raise KernelError(f"a product of {degree} entries: at most {DEGREE} can be evaluated")
            return found
        except (KernelError, ValueError) as error:
            remedy = (
                LANGUAGE if isinstance(error, LanguageError) else "leave it out, or declare what it needs"
            )
            raise InputError(
                name, str(expr), f"an expression in letters of the setting ({error})", remedy
            ) from error

    @property
    def built(self) -> Built:
        """The setting as the engine has it, of what has been declared so far."""
        if self._built is None:
            self._built = Built(
                self.name, self.language, dict(self.kinds), dict(self._operators), tuple(self._laws)
            )
        return self._built


def _words(argument: str, names: str) -> tuple[str, ...]:
    words = tuple(names.replace(",", " ").split()) if isinstance(names, str) else ()
    if not words:
        raise InputError(argument, shown(names), "names, separated by blanks", f'as in S.{argument}("p q")')
    return words


def latex_of(name: str) -> str:
    """The LaTeX of a name, such as \\tau_{1} of tau_1."""
    return str(sp.latex(sp.Symbol(name)))


def title(argument: str, name: object, example: str) -> str:
    """The name of a setting or a statement, which stands in lines of a terminal and on pages."""
    if not isinstance(name, str) or not name.strip() or not name.isprintable() or len(name) > LONGEST:
        needed = f"a name of one line, at most {LONGEST} characters that can be printed"
        raise InputError(argument, shown(name), needed, example)
    return name


def truth(argument: str, value: object) -> None:
    """None; raises InputError for what is neither True nor False."""
    if not isinstance(value, bool):
        raise InputError(argument, shown(value), "True or False", "choose one of them")
