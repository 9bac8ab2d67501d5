"""The kernel with one rule broken must be caught: by brute force, or by monomials that are equal up to labels."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from random import Random
from types import ModuleType

import pytest
from isomorphic import told_apart
from random_expressions import first_failure

from symbolic import canonical, indexed

SOURCES = {module: Path(module.__file__).read_text(encoding="utf-8") for module in (canonical, indexed)}

UNSOUND = {
    "contract: one factor is left as it is": (
        "work = list(moved)", "work = [*moved[:-1], others[-1]] if len(others) > 1 else list(moved)"),
    "contract: one factor only is renamed": ("work = list(moved)", "work = [*moved[:1], *others[1:]]"),
    "contract: the summed index stays": ("                    work = list(moved)\n                    del alive[i]",
                                        "                    work = list(moved)"),
    "contract: δ_ii is 0": ("if i == j:\n                    del work[position]", "if i == j:\n                    return []"),
    "disjoint: δ of disjoint types is 1": ("return []", "del work[position]; progress = True; break"),
    "disjoint: all token types are": (
        "if disjoint(dim(i), dim(j)):", "if dim(i) is not dim(j) and (dim(i).whole or dim(j).whole):"),
    "contract: the narrower index gives way": ("elif within(dim(i), dim(j)):", "elif within(dim(j), dim(i)):"),
    "narrow: the delta is dropped": ("work = [*moved[:position], (tensor, refs), *moved[position:]]", "work = list(moved)"),
    "narrow: one factor is left": (
        "work = [*moved[:position], (tensor, refs), *moved[position:]]",
        "work = [(tensor, (i, i)), *[f if f[0] == DELTA else m for f, m in zip(moved, others)]]"),
    "unit sum: where the index stands elsewhere": ("for _, r in work for ref in r) == 1", "for _, r in work for ref in r) >= 1"),
    "unit sum: where it stands in the same tensor": ("for _, r in work for ref in r) == 1",
        "for _, r in work if r != refs for ref in r) == 0"),
    "unit sum: over a narrower type": ("and dim(j) is tensor.slots[tensor.unit_sum]", "and within(dim(j), tensor.slots[tensor.unit_sum])"),
    "unit sum: over another slot": ("j = refs[tensor.unit_sum]", "j = refs[tensor.unit_sum - 1]"),
    "unit sum: the index stays": ("del work[position], alive[j]", "del work[position]"),
    "count: the factor is dropped": ("sizes = [(c * sign, (*s, (size, 1)))", "sizes = [(c * sign, s)"),
    "count: U as K": ("alive.pop(bound).pieces", "alive.pop(bound).pieces[:1]"),
    "count: U as N − K": ("pieces = alive.pop(bound).pieces",
        "dim_ = alive.pop(bound)\n        pieces = tuple((n, -s) for n, s in dim_.pieces) if dim_.may_be_empty else dim_.pieces"),
    "split: U is forgotten": ("product(*(dim.split for", "product(*(dim.split[:1] for"),
    "split: K is counted once more": ("product(*(dim.split for", "product(*((dim.split[0], dim) if dim.parts else dim.split for"),
    "split: all sums together": (
        'for dims in product(*(dim.split for dim in m.dims))',
        'for dims in {tuple(dim.split[p] if dim.parts else dim for dim in m.dims): p for p in (0, 1)}'),
    "product captures": ("bound + len(left.dims) for bound", "bound for bound"),
    "product shifts too far": ("bound + len(left.dims) for bound", "bound + max(0, len(left.dims) - 1) for bound"),
    "binding takes a number in use": ("bound = len(dims)\n", "bound = max(0, len(dims) - 1)\n"),
    "binding takes the indices of one type": ("{index: bound + position for position, index in enumerate(indices)}",
        "{r: bound + n for n, i in enumerate(indices) for _, x in factors for r in x if isinstance(r, Index) and i.dim == r.dim}"),
    "binding gives two indices one number": ("bound + position for position", "bound for position"),
    "scaling forgets the number": ("m: c * coefficient", "m: c"),
    "scaling forgets the scalars": ("Monomial(merged(m.scalars + scalars), m", "Monomial(m.scalars, m"),
    "rename: slots of every tensor are sorted": ("if t.symmetric else refs", "if t.slots[:1] * 2 == t.slots else refs"),
    "renaming one after the other": (
        "renamed(m.factors, mapping), m.dims",
        "__import__('functools').reduce(lambda f, p: renamed(f, {p[0]: p[1]}), mapping.items(), m.factors), m.dims"),
    "replace takes the first entry only": (
        "head = head * (definition(*refs) if t == tensor else entry(t, refs))",
        "head = head * (definition(*refs) if (t, refs) == next((f for f in factors if f[0] == tensor), None) else entry(t, refs))"),
    "replace forgets a sum": ("total = total + head.sum(*names)", "total = total + head.sum(*(n for n in names if n in head.free()))"),
    "scalars cancel": ("powers.get(name, 0) + power", "power"),
    "broken powers are rounded": (
        "powers.get(name, 0) + power", "powers.get(name, 0) + int(power)"),
    "like terms overwrite": ("total = coefficient if before is None else before + coefficient", "total = coefficient"),
    "power is a product too many": ("for _ in range(power):", "for _ in range(power + 1):"),
    "minus is plus": ("self + -self._lift(other)", "self + self._lift(other)"),
    "rename: two bound indices share a number": ("renamed(factors, colour)", "renamed(factors, {b: min(c, 1) for b, c in colour.items()})"),
    "rename: one twin stands for its class": ("if not any(twins(b, earlier) for earlier in tied[:n])", "if n < 0"),
}  # fmt: skip

INCOMPLETE = {
    "one index is counted, the others stay": (
        "for bound in sorted(set(alive) - used):", "for bound in sorted(set(alive) - used)[:1]:"),
    "no search through a tied class": ("for chosen in tried]", "for chosen in tried[:1]]"),
    "all tied indices are twins": ("if not any(twins(b, earlier) for earlier in tied[:n])", "if n == 0"),
    "the first option is taken": ("return min(options, key=", "return max(options[:1], key="),
    "colours see labels": ("order(colour[r] if isinstance(r, int) else r)", "order(r)"),
    "symmetric slots are seen in order": ("tuple(sorted(seen) if tensor.symmetric else seen)", "tuple(seen)"),
    "symmetric slots are told apart": ("place = (sum(same),) if tensor.symmetric else (slot, *same)", "place = (slot, *same)"),
    "symmetric slots are not sorted": ("tuple(sorted(refs, key=order)) if t.symmetric else refs", "refs"),
    "factors are not sorted": ("return tuple(sorted(ordered, key=_key) if len(ordered) > 1 else ordered)", "return tuple(ordered)"),
    "deltas of free indices are not narrowed": ("if moved != others:", "if False:"),
    "scalars are not sorted": ("return tuple(sorted((name, power) for name, power in powers.items() if power))",
                               "return tuple((name, power) for name, power in powers.items() if power)"),
}  # fmt: skip


@pytest.fixture
def mutant(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """symbolic/indexed.py with one piece of its text, or of that of symbolic/canonical.py, replaced, as a module of its own."""
    old, new = request.param
    found = sum(text.count(old) for text in SOURCES.values())
    assert found == 1, f"the text to mutate stands {found} times in the kernel: {old}"
    for original, text in SOURCES.items():  # the second imports the first
        module = ModuleType(original.__name__.replace("symbolic.", "mutated_"))
        monkeypatch.setitem(sys.modules, module.__name__, module)
        mutated = text.replace(old, new).replace("from symbolic.canonical ", "from mutated_canonical ")
        exec(compile(mutated, f"{module.__name__}.py", "exec"), module.__dict__)
    return module


def test_every_rule_at_the_head_of_the_kernel_is_broken_in_some_way() -> None:
    rules = re.findall(r"^  (\w+(?: \w+)?)  +\S", indexed.__doc__ or "", re.MULTILINE)
    assert len(rules) == 7
    assert set(rules) == {name.partition(": ")[0] for name in UNSOUND if ": " in name}


@pytest.mark.sampled(3)
@pytest.mark.parametrize("mutant", UNSOUND.values(), ids=UNSOUND, indirect=True)
def test_brute_force_catches(mutant: ModuleType) -> None:
    assert first_failure(mutant, 1500, seed=5) is not None


@pytest.mark.parametrize("mutant", INCOMPLETE.values(), ids=INCOMPLETE, indirect=True)
def test_shuffled_labels_catch(mutant: ModuleType) -> None:
    assert told_apart(mutant, Random(3), 1500) is not None


@pytest.mark.parametrize("mutant", [("Rules, and there are no others:", "Rules:")], indirect=True)
def test_a_kernel_with_no_rule_changed_passes(mutant: ModuleType) -> None:
    assert first_failure(mutant, 100, seed=5) is None
    assert told_apart(mutant, Random(3), 100) is None
