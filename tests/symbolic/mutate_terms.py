"""Proofs with one of their terms another: a coefficient, a sign, a power, an index, a slot, a type."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from random import Random
from typing import Any, TypeAlias

Data: TypeAlias = dict[str, Any]
TERMS = (
    "lhs", "rhs", "positive", "multiplier", "root", "cofactor", "definition", "a", "b", "x", "y", "of", "gives", "is", "variance",
)  # fmt: skip
OTHER_TYPE = {"N": "K", "K": "N", "U": "K", "m": "d", "d": "m", "H": "m"}


def parts(row: Any) -> Iterator[list[Any]]:
    """Every list of terms in a row."""
    if isinstance(row, dict):
        for key, value in row.items():
            if key in TERMS and isinstance(value, list):  # a letter may have such a name
                yield value
            else:
                yield from parts(value)
    elif isinstance(row, list):
        for value in row:
            yield from parts(value)


def _term(random: Random, row: Data) -> list[Any] | None:
    every = [term for terms in parts(row) for term in terms]
    return random.choice(every) if every else None


def _factor(random: Random, row: Data) -> tuple[list[Any], list[Any]] | None:
    every = [(term, factor) for terms in parts(row) for term in terms for factor in term[2]]
    return random.choice(every) if every else None


def inner(random: Random, row: Data, *keys: str) -> Data | None:
    """A use, a weight or the row itself that has one of these keys with something in it."""
    every = [
        d for d in (row, *row.get("uses", ()), *row.get("weights", ())) if any(d.get(key) for key in keys)
    ]
    return random.choice(every) if every else None


# Each returns whether it changed the row (or the tables beside it).
Mutation: TypeAlias = Callable[[Random, Data, Data], bool]


def coefficient(random: Random, row: Data, tables: Data) -> bool:
    if (term := _term(random, row)) is None:
        return False
    term[0] = random.choice((f"{term[0]}0", "7/3" if term[0] != "7/3" else "5"))
    return True


def sign(random: Random, row: Data, tables: Data) -> bool:
    if (term := _term(random, row)) is None:
        return False
    term[0] = term[0].removeprefix("-") if term[0].startswith("-") else f"-{term[0]}"
    return True


def power(random: Random, row: Data, tables: Data) -> bool:
    if (term := _term(random, row)) is None:
        return False
    name = random.choice([*term[1], "K", "tau"])
    term[1][name] = random.choice([p for p in ("1", "2", "-1", "1/2", "-3/2") if p != term[1].get(name)])
    return True


def scalar_lost(random: Random, row: Data, tables: Data) -> bool:
    every = [term for terms in parts(row) for term in terms if term[1]]
    if not every:
        return False
    term = random.choice(every)
    del term[1][random.choice(sorted(term[1]))]
    return True


def index(random: Random, row: Data, tables: Data) -> bool:
    if (found := _factor(random, row)) is None or not found[1][1]:
        return False
    term, (_, refs) = found
    others = (
        {ref for _, at in term[2] for ref in at}
        | set(range(len(term[3])))
        | {"j:N", "k:K", "h:H", "a:m", "p:d"}
    )
    place = random.randrange(len(refs))
    refs[place] = random.choice(sorted(others - {refs[place]}, key=str))
    return True


def slots(random: Random, row: Data, tables: Data) -> bool:
    """Two indices of one entry exchanged; those of symmetric letters are left alone."""
    every = [
        refs for terms in parts(row) for term in terms for name, refs in term[2]
        if len(set(refs)) > 1 and name != "delta" and not tables["tensors"].get(name, {}).get("symmetric")
    ]  # fmt: skip
    if not every:
        return False
    refs = random.choice(every)
    one, other = random.choice([(i, j) for j in range(len(refs)) for i in range(j) if refs[i] != refs[j]])
    refs[one], refs[other] = refs[other], refs[one]
    return True


def letter(random: Random, row: Data, tables: Data) -> bool:
    if (found := _factor(random, row)) is None:
        return False
    factor = found[1]
    given = tables["tensors"].get(factor[0], {"slots": []})["slots"]
    alike = [name for name, t in tables["tensors"].items() if t["slots"] == given and name != factor[0]]
    if not alike:
        return False
    factor[0] = random.choice(sorted(alike))
    return True


def bound_type(random: Random, row: Data, tables: Data) -> bool:
    every = [term for terms in parts(row) for term in terms if term[3]]
    if not every:
        return False
    term = random.choice(every)
    place = random.randrange(len(term[3]))
    term[3][place] = random.choice([dim for dim in "NUKmdH" if dim != term[3][place]])
    return True


def free_type(random: Random, row: Data, tables: Data) -> bool:
    """An index that is free in some list, with another type wherever it stands in that list."""
    every = [
        (terms, ref)
        for terms in parts(row)
        for term in terms
        for _, refs in term[2]
        for ref in refs
        if isinstance(ref, str)
    ]
    if not every:
        return False
    terms, old = random.choice(every)
    new = old[:-1] + OTHER_TYPE[old[-1]]
    for term in terms:
        term[2][:] = [[name, [new if ref == old else ref for ref in refs]] for name, refs in term[2]]
    return True


def term_lost(random: Random, row: Data, tables: Data) -> bool:
    every = [terms for terms in parts(row) if terms]
    if not every:
        return False
    terms = random.choice(every)
    del terms[random.randrange(len(terms))]
    return True


def term_twice(random: Random, row: Data, tables: Data) -> bool:
    every = [terms for terms in parts(row) if terms]
    if not every:
        return False
    terms = random.choice(every)
    terms.append(deepcopy(random.choice(terms)))
    return True


def factor_lost(random: Random, row: Data, tables: Data) -> bool:
    if (found := _factor(random, row)) is None:
        return False
    found[0][2].remove(found[1])
    return True
