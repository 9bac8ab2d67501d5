"""Instance: where we look. Sizes, arrays, noise, laws of the tasks, initial weights, seed (theory §1)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from numeric.draws import Draws, keyed, named
from numeric.errors import InputError

Array = NDArray[np.float64]
TaskKind = Literal["gaussian", "rademacher", "uniform", "laplace"]

FORMAT_VERSION = 1
LARGEST_BETA = 1e306  # no normal number that is drawn is beyond 100
LARGEST_FILE_SEED = 2**63 - 1


def _frozen(array: object, name: str, shape: tuple[int | None, ...]) -> Array:
    result = np.array(array, dtype=np.float64, copy=True)
    fits = result.ndim == len(shape) and all(
        w is None or w == g for w, g in zip(shape, result.shape, strict=True)
    )
    if not fits:
        wanted = " x ".join("any" if w is None else str(w) for w in shape)
        remedy = (
            f"give {name} one column per token" if len(shape) == 2 else f"give one matrix of {name} per head"
        )
        raise InputError(f"{name} shape", result.shape, wanted, remedy)
    bad = np.argwhere(~np.isfinite(result))
    if len(bad):
        where = tuple(int(i) for i in bad[0])
        raise InputError(
            f"{name}{list(where)}", result[where], "a finite number", "remove or replace that entry"
        )
    result.setflags(write=False)
    return result


def _positive_int(value: object, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise InputError(name, value, "a whole number of at least 1", f"set {name} to 1 or more")
    return int(value)


@dataclass(frozen=True, slots=True)
class TaskLaw:
    """Law of the task coefficients λ: m independent components, each with this mean and deviation (A1).

    Mean 0 and std 1 is what A1 asks for. `kind` fixes the shape: the four kinds share mean and variance.
    """

    kind: TaskKind = "gaussian"
    mean: float = 0.0
    std: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in get_args(TaskKind):
            raise InputError(
                "tasks.kind", self.kind, f"one of {', '.join(get_args(TaskKind))}", "pick one of these"
            )
        if not np.isfinite(self.mean):
            raise InputError("tasks.mean", self.mean, "a finite number", "set the mean of one component of λ")
        if not (np.isfinite(self.std) and self.std >= 0):
            raise InputError(
                "tasks.std", self.std, "a finite number of at least 0", "set the deviation of one component"
            )

    def second_moment(self, m: int) -> Array:
        """E[λλᵀ], shape (m, m)."""
        second: Array = self.std**2 * np.eye(m) + self.mean**2 * np.ones((m, m))
        return second

    def sample(self, rng: np.random.Generator, count: int, m: int) -> Array:
        """`count` tasks as rows, shape (count, m)."""
        shape = (count, m)
        match self.kind:
            case "gaussian":
                unit: Array = rng.standard_normal(shape)
            case "rademacher":
                unit = np.asarray(rng.integers(0, 2, shape) * 2.0 - 1.0, dtype=np.float64)
            case "uniform":
                unit = rng.uniform(-np.sqrt(3.0), np.sqrt(3.0), shape)
            case "laplace":
                unit = rng.laplace(0.0, np.sqrt(0.5), shape)
        return self.mean + self.std * unit


@dataclass(frozen=True, slots=True)
class Inference:
    """What Theorem 2 is asked about: unseen tasks of norm at most B (A4), accuracy epsilon, confidence 1 − delta."""

    tasks: TaskLaw = field(default_factory=lambda: TaskLaw("gaussian", 1.0, 2.0))
    B: float = 16.0
    epsilon: float = 0.01
    delta: float = 0.05
    prompts: int = 200

    def __post_init__(self) -> None:
        for name in ("B", "epsilon"):
            value = getattr(self, name)
            if not (np.isfinite(value) and value > 0):
                raise InputError(
                    f"inference.{name}", value, "a positive number", f"set inference.{name} above 0"
                )
        if not 0 < self.delta < 1:
            raise InputError(
                "inference.delta", self.delta, "a number strictly between 0 and 1", "0.05 is usual"
            )
        _positive_int(self.prompts, "inference.prompts")


@dataclass(frozen=True)
class Instance:
    """One dictionary, one prompt length, one model, one seed. Immutable; its float64 entries are exact dyadic rationals.

    tokens    V̂ (d, K), columns v_1..v_K; the first N are the prompt (3)
    features  Ẑ (m, K), columns z_k = f(v_k) (26)
    N, H      labelled prompt length, heads
    tau       noise level τ > 0
    beta      deviation of the entries of Q_h^(0) (Proposition 1); ignored where Q_given is set
    Q_given   (H, d, d) initial Q_h, or None for N(0, β²) entries drawn per head from (seed, h)
    w_given   (H, K) initial w_h, or None for zero (Theorem 1)
    seed      every random number of a run comes from it

    Raises InputError where the arguments define no instance. Violated assumptions are no error here: they
    are findings of `verify.check_assumptions`.
    """

    name: str
    tokens: Array
    features: Array
    N: int
    H: int
    tau: float
    beta: float = 1.0
    tasks: TaskLaw = field(default_factory=TaskLaw)
    inference: Inference = field(default_factory=Inference)
    Q_given: Array | None = None
    w_given: Array | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        tokens = _frozen(self.tokens, "tokens", (None, None))
        if 0 in tokens.shape:
            raise InputError(
                "tokens shape", tokens.shape, "at least one row and one column", "give d x K tokens"
            )
        d, K = tokens.shape
        features = _frozen(self.features, "features", (None, K))
        if features.shape[0] == 0:
            raise InputError("features shape", features.shape, "m of at least 1", "give m x K features")
        if any("\ud800" <= letter <= "\udfff" for letter in self.name):
            raise InputError("name", ascii(self.name), "text that UTF-8 can hold", "choose another name")
        N = _positive_int(self.N, "N")
        H = _positive_int(self.H, "H")
        if N > K:
            raise InputError("N", N, f"at most K = {K}", "label fewer tokens or give a larger dictionary")
        if not (np.isfinite(self.tau) and self.tau > 0):
            raise InputError("tau", self.tau, "a positive number (A0)", "set the noise level above 0")
        if not 0 < self.beta <= LARGEST_BETA:
            needed = f"a positive number up to {LARGEST_BETA:g}, so that Q_h^(0) is finite"
            raise InputError("beta", self.beta, needed, "set the deviation of Q_h^(0) above 0, and lower")
        seed = self.seed
        if (
            isinstance(seed, bool)
            or not isinstance(seed, int | np.integer)
            or not 0 <= seed <= LARGEST_FILE_SEED
        ):
            raise InputError("seed", seed, "a whole number from 0 to 2^63 - 1", "pass --seed 0, for example")
        assign = object.__setattr__
        assign(self, "tokens", tokens)
        assign(self, "features", features)
        assign(self, "N", N)
        assign(self, "H", H)
        assign(self, "tau", float(self.tau))
        assign(self, "beta", float(self.beta))
        assign(self, "seed", int(seed))
        if self.Q_given is not None:
            assign(self, "Q_given", _frozen(self.Q_given, "initialisation.Q", (H, d, d)))
        if self.w_given is not None:
            assign(self, "w_given", _frozen(self.w_given, "initialisation.w", (H, K)))

    @property
    def d(self) -> int:
        return int(self.tokens.shape[0])

    @property
    def K(self) -> int:
        return int(self.tokens.shape[1])

    @property
    def m(self) -> int:
        return int(self.features.shape[0])

    @property
    def V(self) -> Array:
        """Prompt tokens (3), shape (d, N)."""
        return self.tokens[:, : self.N]

    @property
    def Z(self) -> Array:
        """Prompt features (12), shape (m, N)."""
        return self.features[:, : self.N]

    @property
    def ZQ(self) -> Array:
        """Features of the unlabelled tokens (19), shape (m, K − N)."""
        return self.features[:, self.N :]

    def Q0(self, h: int) -> Array:
        """Q_h^(0), shape (d, d); the counter-based generator keyed by (seed, h) gives it head by head."""
        if self.Q_given is not None:
            given: Array = self.Q_given[h]
            return given
        drawn: Array = self.beta * keyed(self.seed, h).standard_normal((self.d, self.d))
        return drawn

    def heads(self) -> Iterator[Array]:
        return (self.Q0(h) for h in range(self.H))

    @property
    def w0(self) -> Array:
        """w^(0), shape (H, K)."""
        return np.zeros((self.H, self.K)) if self.w_given is None else self.w_given

    @cached_property
    def scores0(self) -> Array:
        """Vᵀ Q_h^(0) v_k for all heads and tokens, shape (H, N, K)."""
        scores: Array = np.stack([self.V.T @ Q @ self.tokens for Q in self.heads()])
        scores.setflags(write=False)
        return scores

    @cached_property
    def norms0(self) -> Array:
        """‖Q_h^(0)‖_F, shape (H,)."""
        norms: Array = np.array([np.linalg.norm(Q) for Q in self.heads()])
        norms.setflags(write=False)
        return norms

    def rng(self, purpose: str) -> Draws:
        """A stream of its own for each purpose, so that adding one draw never shifts another."""
        return named(self.seed, purpose)

    @cached_property
    def digest(self) -> str:
        """sha256 of everything that defines the instance."""
        arrays, header = self._parts()
        state = hashlib.sha256(json.dumps(header, sort_keys=True).encode())
        for name in sorted(arrays):
            state.update(name.encode())
            state.update(np.ascontiguousarray(arrays[name]).tobytes())
        return state.hexdigest()

    def _parts(self) -> tuple[dict[str, Array], dict[str, Any]]:
        arrays = {"tokens": self.tokens, "features": self.features}
        if self.Q_given is not None:
            arrays["Q"] = self.Q_given
        if self.w_given is not None:
            arrays["w"] = self.w_given
        header = {
            "format": FORMAT_VERSION, "name": self.name, "N": self.N, "H": self.H, "tau": self.tau,
            "beta": self.beta, "seed": self.seed, "tasks": asdict(self.tasks), "inference": asdict(self.inference),
        }  # fmt: skip
        return arrays, header

    def save(self, path: str | Path) -> None:
        """Write one .npz; a file of the same instance loads back equal, bit for bit."""
        arrays, header = self._parts()
        with Path(path).open("wb") as file:
            np.savez(file, header=np.array(json.dumps(header)), **arrays)  # type: ignore[arg-type]

    @classmethod
    def load(cls, path: str | Path) -> Instance:
        """Read what `save` wrote. Never unpickles. Raises InputError on any other file."""
        remedy = "give a file written by Instance.save"
        try:
            with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as archive:
                header = json.loads(str(archive["header"]))
                arrays = {name: archive[name] for name in archive.files if name != "header"}
            version = header.pop("format")
            law = TaskLaw(**header.pop("tasks"))
            inference = header.pop("inference")
            inference["tasks"] = TaskLaw(**inference["tasks"])
            settings: dict[str, Any] = {"tasks": law, "inference": Inference(**inference), **header}
            given: dict[str, Any] = {f"{name}_given": arrays.get(name) for name in ("Q", "w")}
        except (OSError, ValueError, LookupError, TypeError, AttributeError, EOFError, BadZipFile) as error:
            reason = error if isinstance(error, OSError) else type(error).__name__
            raise InputError("INSTANCE", path, f"a saved instance ({reason})", remedy) from error
        if version != FORMAT_VERSION:
            raise InputError("INSTANCE", path, f"format version {FORMAT_VERSION}", remedy)
        return cls(tokens=arrays["tokens"], features=arrays["features"], **given, **settings)
