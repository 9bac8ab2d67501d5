"""Proofs with one field of their data another: a coefficient, a sign, a power, an index, a slot, a type, a use, a premise, …"""

from __future__ import annotations

import json
from copy import deepcopy
from random import Random
from typing import Any

from mutate_terms import (
    OTHER_TYPE,
    Data,
    Mutation,
    bound_type,
    coefficient,
    factor_lost,
    free_type,
    index,
    inner,
    letter,
    parts,
    power,
    scalar_lost,
    sign,
    slots,
    term_lost,
    term_twice,
)


def dropped(key: str) -> Mutation:
    def lost(random: Random, row: Data, tables: Data) -> bool:
        if not row.get(key):
            return False
        del row[key][random.randrange(len(row[key]))]
        return True

    return lost


def at(random: Random, row: Data, tables: Data) -> bool:
    if (use := inner(random, row, "at")) is None:
        return False
    place = random.randrange(len(use["at"]))
    known = (*use["at"], *use.get("bind", ()), "j:N", "k:K", "n:N", "h:H")
    others = [ref for ref in known if ref != use["at"][place]]
    use["at"][place] = random.choice(others)
    return True


def at_turned(random: Random, row: Data, tables: Data) -> bool:
    if (use := inner(random, row, "at")) is None or len(set(use["at"])) < 2:
        return False
    use["at"] = use["at"][1:] + use["at"][:1]
    return True


def bind(random: Random, row: Data, tables: Data) -> bool:
    use = inner(random, row, "at", "bind", "axiom", "multiplier")
    if use is None or "bind" not in use:
        return False
    if use["bind"] and random.random() < 0.6:
        del use["bind"][random.randrange(len(use["bind"]))]
    else:
        use["bind"].append("extra:N")
    return True


def multiplier_negative(random: Random, row: Data, tables: Data) -> bool:
    if not row.get("weights"):
        return False
    for term in random.choice(row["weights"])["multiplier"]:
        term[0] = f"-{term[0]}"
    return True


def root_not_squared(random: Random, row: Data, tables: Data) -> bool:
    """The square root of what was a root: as if the root had been put into the certificate unsquared."""
    every = [w for w in row.get("weights", ()) if w["root"] != [["1", {}, [], []]]]
    if not every:
        return False
    weight = random.choice(every)
    weight["multiplier"], weight["root"] = weight["root"], [["1", {}, [], []]]
    return True


def premise(random: Random, row: Data, tables: Data) -> bool:
    keys = [
        (d, key)
        for d in (row, *row.get("weights", ()))
        for key in ("fact", "premise", "of_a", "of_b")
        if d.get(key) is not None
    ]
    if not keys:
        return False
    holder, key = random.choice(keys)
    holder[key] = random.choice([n for n in range(-1, len(tables["facts"]) + 1) if n != holder[key]])
    return True


def premises_exchanged(random: Random, row: Data, tables: Data) -> bool:
    if "of_a" not in row or row["of_a"] == row["of_b"]:
        return False
    row["of_a"], row["of_b"] = row["of_b"], row["of_a"]
    return True


def rule(random: Random, row: Data, tables: Data) -> bool:
    if "by" in row:
        row["by"] = random.choice(
            [by for by in ("certificate", "root", "Cauchy–Schwarz", "substitute", "proof") if by != row["by"]]
        )
    else:
        row["relation"] = "<=" if row["relation"] == "=" else "="
    return True


def rules(random: Random, row: Data, tables: Data) -> bool:
    if not row.get("rules"):
        return False
    row["rules"] = row["rules"][1:]
    return True


def axes(random: Random, row: Data, tables: Data) -> bool:
    if not row.get("axes"):
        return False
    row["axes"] = random.choice((row["axes"][1:], [*row["axes"][:-1], "new:N"], [*row["axes"], "new:N"]))
    return True


def letter_declared(random: Random, row: Data, tables: Data) -> bool:
    """A letter of this row that is no longer symmetric, sums to one over another slot or none, may be negative, has another slot."""
    used = {name for name in names_of(row) if isinstance(name, str)} - {"delta"}
    used |= {n for use in row.get("uses", ()) for n in names_of(tables["axioms"][use["axiom"]])} - {"delta"}
    if not used:
        return False
    given = tables["tensors"][random.choice(sorted(used))]
    flags = [flag for flag in ("symmetric", "unit_sum", "nonneg") if flag in given]
    if not flags or random.random() < 0.5:
        place = random.randrange(len(given["slots"]))
        given["slots"][place] = OTHER_TYPE[given["slots"][place]]
    elif (flag := random.choice(flags)) == "unit_sum" and random.random() < 0.5:
        given[flag] = (given[flag] + 1) % len(given["slots"])
    else:
        del given[flag]
    return True


def names_of(row: Data) -> set[Any]:
    """Letters, and numbers of operations."""
    return {name for terms in parts(row) for term in terms for name, _ in term[2]}


def axiom(random: Random, row: Data, tables: Data) -> bool:
    """An axiom that this row uses says something else."""
    if not row.get("uses"):
        return False
    name = random.choice(row["uses"])["axiom"]
    return random.choice((coefficient, sign, factor_lost, bound_type, power))(
        random, tables["axioms"][name], tables
    )


def operand(row: Data, tables: Data) -> set[Any]:
    """The letters that an operation is about, also those in what other operations give."""
    inside = names_of({"of": row["of"]})
    for number in [n for n in inside if isinstance(n, int)]:
        inside |= names_of({"of": tables["operations"][number]["gives"]})
    return inside


def operation(random: Random, row: Data, tables: Data) -> bool:
    """Another operation with as many indices, or one that does not come before."""
    every = [
        factor for terms in parts(row) for term in terms for factor in term[2] if isinstance(factor[0], int)
    ]
    if not every:
        return False
    factor, rows = random.choice(every), tables["operations"]
    given = [ref[-1] for ref in rows[factor[0]]["indices"]]
    alike = [n for n, other in enumerate(rows) if [ref[-1] for ref in other["indices"]] == given]
    factor[0] = random.choice([n for n in (*alike, len(rows), -1) if n != factor[0]])
    return True


def target(random: Random, row: Data, tables: Data) -> bool:
    """A derivative in another letter of the same slots."""
    if "in" not in row:
        return False
    if "at" not in row:  # in a scalar
        row["in"] = random.choice([name for name in ("K", "N", "H", "b") if name != row["in"]])
        return True
    slots = tables["tensors"][row["in"]]["slots"]
    alike = [n for n, given in tables["tensors"].items() if given["slots"] == slots and n != row["in"]]
    if not alike:
        return False
    row["in"] = random.choice(sorted(alike))
    return True


def law(random: Random, row: Data, tables: Data) -> bool:
    """A letter that is no longer random, or one more that is."""
    if "laws" not in row:
        return False
    inside = operand(row, tables)
    if random.random() < 0.5:
        del row["laws"][random.choice(sorted(row["laws"].keys() & inside))]
        return True
    others = sorted((inside & tables["tensors"].keys()) - row["laws"].keys())
    if not others:
        return False
    row["laws"][random.choice(others)] = {"variance": [["1", {}, [], []]]}
    return True


def put(random: Random, row: Data, tables: Data) -> bool:
    """A letter that stays as it is."""
    if "for" not in row:
        return False
    del row["for"][random.choice(sorted(row["for"].keys() & operand(row, tables)))]
    return True


def function(random: Random, row: Data, tables: Data) -> bool:
    """A letter that moves with the target is said to be free, or to be another function."""
    rows = tables["functions"]
    inside = operand(row, tables) if "in" in row else set()
    moved = sorted(name for name in rows if name in inside and name != row["in"] and "of" not in rows[name])
    if not moved:
        return False
    name = random.choice(moved)
    if "is" not in rows[name] or random.random() < 0.3:
        rows[name] = {"of": []}
        return True
    return random.choice((coefficient, sign, factor_lost, bound_type, term_lost))(random, rows[name], tables)


MUTATIONS: dict[str, Mutation] = {
    "coefficient": coefficient, "sign": sign, "power": power, "scalar lost": scalar_lost, "index": index, "slots": slots,
    "letter": letter, "bound type": bound_type, "free type": free_type, "term lost": term_lost, "term twice": term_twice,
    "factor lost": factor_lost, "use lost": dropped("uses"), "weight lost": dropped("weights"), "at": at, "at turned": at_turned,
    "bind": bind, "negative multiplier": multiplier_negative, "root not squared": root_not_squared, "premise": premise,
    "premises exchanged": premises_exchanged, "rule": rule, "rules": rules, "axes": axes, "declaration": letter_declared,
    "axiom": axiom, "operation": operation, "target": target, "law": law, "put": put, "function": function,
}  # fmt: skip


OF_OPERATIONS = ("operation", "target", "law", "put", "function")


def mutant(random: Random, name: str, row: Data, document: Data) -> tuple[Data, Data] | None:
    """The row and the document changed in one place; None where there is nothing of the kind to change."""
    changed = json.loads(json.dumps(row))
    if name != "rules":
        changed.pop("rules", None)  # the list of rules alone shall not give a false proof away
        row = {key: value for key, value in row.items() if key != "rules"}
    tables = dict(document)
    if name == "declaration":
        tables["tensors"] = deepcopy(document["tensors"])
    if name == "axiom":
        used = {use["axiom"]: document["axioms"][use["axiom"]] for use in row.get("uses", ())}
        tables["axioms"] = document["axioms"] | deepcopy(used)
    if name == "function":
        tables["functions"] = deepcopy(document["functions"])
    if not MUTATIONS[name](random, changed, tables):
        return None
    return None if name not in ("declaration", "axiom", "function") and changed == row else (changed, tables)
