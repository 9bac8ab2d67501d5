"""Proofs that were found, in a file beside the settings: read, replayed like fresh ones, and written by `check --update` alone.

`my_lemmas.proofs.json` has a document in the form of `proofs.json` for each setting of `my_lemmas.py`. A proof goes by the digest of what
is stated (`key`), and is not trusted: it is the answer only where both checkers accept it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

from numeric.errors import InputError
from symbolic.bound import Fact
from symbolic.decoded import DecodeError, Decoder
from symbolic.double import Row, document
from symbolic.indexed import Expr, Index
from symbolic.ledger import Ledger, text
from symbolic.operations import dump
from symbolic.proof import Proof
from symbolic.registry import Registry
from symbolic.setting import Setting as Engine
from verify.own.setting import Setting
from verify.own.source import parted
from verify.statement import Theory

SUFFIX = ".proofs.json"
LARGEST = 1 << 24  # bytes of a file

Why: TypeAlias = Proof | Fact


class StoredProofs:
    """The stored proofs of one setting, and those that both checkers accepted in this run.

    name  of the file
    data  what the file has of the setting; empty where there is nothing
    """

    def __init__(self, name: str, data: Mapping[str, Any]) -> None:
        self.name, self._data = name, data
        listed = data.get("proofs")
        rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
        self._rows = {str(row.get("name")): row for row in rows}
        self._accepted: dict[str, Row] = {}
        self._premises: Registry | None = None

    def replayed(
        self, key: str, name: str, engine: Engine, refused: Callable[[Why], str]
    ) -> tuple[Why | None, str]:
        """The stored proof of what has this key, and a sentence on it; None where there is none, or it is refused.

        name     of the statement
        refused  why a proof does not prove the statement, by both checkers; empty where it does
        """
        if not self._data:
            return None, ""
        if key not in self._rows:
            return None, f"{self.name} has no proof of the statement as it stands, so that one was sought."
        try:
            decoder = Decoder(self._data, engine.language.dimensions, engine.premises)
            why = decoder.proof(self._rows[key], name)
            reason = refused(why)
        except (DecodeError, RecursionError) as error:
            reason = str(error)
        if reason:
            return None, f"The proof in {self.name} is refused ({reason}), so that one was sought anew."
        return why, f"The proof is stored in {self.name} and was replayed; none was sought."

    def has(self, key: str) -> bool:
        """Whether the file has a proof of what has this key; whether the checkers accept it is another question."""
        return key in self._rows

    def keep(self, row: Row, premises: Registry) -> None:
        """Keeps a proof that both checkers accept, under its key, with the premises of its setting."""
        self._accepted.setdefault(row[0], row)
        self._premises = premises

    def text(self) -> str:
        """The proofs that were kept, as the file has them."""
        return text(document((self._accepted[key] for key in sorted(self._accepted)), self._premises))


def key(
    S: Setting,
    relation: str,
    sides: Sequence[Expr],
    axes: Iterable[Index],
    conditions: Iterable[tuple[Fact, bool]],
) -> str:
    """The digest of what is stated: relation, sides, free indices, conditions, and what all letters are that these rest on.

    conditions  each with whether it excludes equality
    """
    ledger, conditions = Ledger(), tuple(conditions)
    exprs = (*sides, *(fact.positive for fact, _ in conditions))
    reached = frozenset[str]().union(
        *(S.built.reach(name) for expr in exprs for names in expr.names for name in names)
    )
    for name in sorted(reached & S.language.letters.keys()):
        ledger.tensor(S.language.letters[name].tensor)
    said = {
        "relation": relation,
        "indices": _data(tuple(axes), ledger),
        "sides": _data(tuple(sides), ledger),
        "when": sorted((_data((fact.positive, fact.indices, strict), ledger) for fact, strict in conditions), key=dump),
        "letters": {name: _data(S.kinds[name], ledger) for name in sorted(reached & S.kinds.keys())},
        "positive": sorted(reached & S.language.positive),
        "dimensions": ledger.dimensions,
        "tensors": ledger.tensors,
    }  # fmt: skip
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:32]


def _data(part: object, ledger: Ledger) -> Any:
    """Expressions, indices, and what a letter is, as data."""
    if isinstance(part, Expr):
        return ledger.terms(part, {})
    if isinstance(part, Index):
        return ledger.operations.ref(part)
    if isinstance(part, tuple):
        return [_data(one, ledger) for one in part]
    if is_dataclass(part):
        return [type(part).__name__, *(_data(getattr(part, field.name), ledger) for field in fields(part))]
    return part


def place(
    source: str, found: Iterable[Setting | Theory], only: Sequence[str] = (), *, update: str
) -> Path | None:
    """The file of the proofs of a Python file; None for a module.

    update  the option by which it is to be written anew; empty where it is not

    Raises InputError where it is to be written anew, and cannot be.
    """
    path = Path(parted(source)[0])
    needed = ""
    if path.suffix != ".py":
        needed = "a Python file, beside which the proofs are written"
    elif str(path) != source or only:
        needed = "the whole file, since its proofs are written together"
    elif not all(isinstance(one, Setting) for one in found):
        needed = "a file of settings; the proofs of a theory are its own"
    if update and needed:
        raise InputError(
            update, source, needed, "name a Python file alone" if not only else "leave out --only"
        )
    return path.with_suffix(SUFFIX) if path.suffix == ".py" else None


def opened(path: Path | None, found: Iterable[Setting | Theory], *, update: bool) -> dict[str, StoredProofs]:
    """The stored proofs of settings, by name; none where there is no file, unless it is to be written."""
    try:
        data = {} if path is None else read(path)
    except InputError:
        if not update:
            raise
        data = {}
    if path is None or not (data or update):
        return {}
    return {
        one.name: StoredProofs(path.name, data.get(one.name, {})) for one in found if isinstance(one, Setting)
    }


def read(path: Path) -> dict[str, Mapping[str, Any]]:
    """What a file has of each setting, by its name; nothing where there is no file. Raises InputError for what is no such file."""
    reason = ""
    try:
        if path.stat().st_size > LARGEST:
            reason = f"it has more than {LARGEST} bytes"
        else:
            found = json.loads(path.read_text(encoding="utf-8"))
            if isinstance(found, dict) and all(
                isinstance(data, dict) and "proofs" in data for data in found.values()
            ):
                return found
            reason = "it has no table of proofs for each setting"
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        reason = (error.strerror or "") if isinstance(error, OSError) else "it is no JSON"
    raise InputError(
        "proofs",
        path,
        f"a file that check --update wrote ({reason})",
        "delete it, or write it anew by --update",
    )


def write(path: Path, texts: Mapping[str, str]) -> None:
    """The file of the proofs of some settings, whole or not at all. Raises InputError."""
    parts = [f"{dump(name)}: {texts[name].rstrip()}" for name in sorted(texts)]
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        try:
            draft.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        needed = f"a file that can be written ({error.strerror or error})"
        raise InputError(
            "proofs", path, needed, "make room there, or copy the Python file to another folder"
        ) from error
