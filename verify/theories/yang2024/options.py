"""Run options, and instances from files: TOML with its arrays, or a saved .npz. Every error is one line."""

from __future__ import annotations

import os
import re
import tomllib
import zipfile
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numeric.errors import InputError
from numeric.readers import read_array
from numeric.torch_here import torch_needed
from verify.theories.yang2024.instance_file import (
    BOUND_TARGET,
    DEFAULT_BETA,
    MAX_STEPS,
    STARTER,
    Arrays,
    Digits,
    Fourier,
    Given,
    Identity,
    Quadratic,
    Synthetic,
    instance_schema,
    parse,
)
from verify.theories.yang2024.numeric import dictionaries
from verify.theories.yang2024.numeric.instance import Array, Instance
from verify.vocabulary import TIERS

if TYPE_CHECKING:
    from verify.theories.yang2024.fits import Purpose

__all__ = ["Options", "instance_schema", "load", "load_config", "usable_device"]

DEVICE = re.compile(r"auto|cpu|cuda(:\d+)?")
DTYPES = ("float64", "float32")


@dataclass(frozen=True, slots=True)
class Options:
    """How to run, as opposed to where to look.

    device        "auto", "cpu", "cuda" or "cuda:N"; "auto" takes CUDA where it is there (see `usable_device`)
    dtype         of gradient descent; what is certified is never float32
    tier          "fast", or "full" for larger budgets
    only          canonical ids of the claims to check; empty for all
    bound_target  gradient descent stops once the guaranteed bound (18) is down to this part of its start
    max_steps     ... or after so many steps

    Raises InputError.
    """

    device: str = "auto"
    dtype: str = "float64"
    tier: str = "fast"
    only: tuple[str, ...] = ()
    bound_target: float = BOUND_TARGET
    max_steps: int = MAX_STEPS

    def __post_init__(self) -> None:
        if not DEVICE.fullmatch(str(self.device)):
            raise InputError("device", self.device, "one of auto, cpu, cuda, cuda:0", "pass --device cpu")
        if self.dtype not in DTYPES:
            raise InputError("dtype", self.dtype, "float64 or float32", "pass --dtype float64")
        if self.tier not in TIERS:
            raise InputError("tier", self.tier, "fast or full", "pass --tier fast")
        if not 0 < self.bound_target < 1:
            needed = "a number strictly between 0 and 1"
            raise InputError("training.bound_target", self.bound_target, needed, "1e-3 is usual")
        if isinstance(self.max_steps, bool) or not isinstance(self.max_steps, int) or self.max_steps < 1:
            raise InputError("training.max_steps", self.max_steps, "a whole number of at least 1", "raise it")
        only: Any = self.only
        if isinstance(only, str):
            needed = "a tuple of ids, since a string would be read letter by letter"
            raise InputError("only", only, needed, f'write only=("{only}",)')
        if not all(isinstance(id, str) for id in only):
            raise InputError("only", only, "a tuple of ids, each a string", 'write only=("lemma-5",)')


def usable_device(device: str) -> str:
    """The torch device behind Options.device. Raises InputError where CUDA is asked for and absent, or torch is not installed."""
    torch = torch_needed()
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if device == "auto":
        return "cuda" if count else "cpu"
    if device.startswith("cuda"):
        if not count:
            raise InputError("device", device, "a CUDA device, and torch finds none", "pass --device cpu")
        index = int(device.partition(":")[2] or 0)
        if index >= count:
            raise InputError("device", device, f"one of {count} CUDA devices", "pass --device cuda:0")
    return device


def load(path: str | Path | None = None) -> Instance:
    """The instance of a .toml file or of an .npz written by Instance.save; None for the default digits.

    Paths inside a TOML file are relative to that file. Raises InputError.
    """
    return load_config(path)[0]


def load_config(
    path: str | Path | None = None,
    seed: int | None = None,
    heads: int | None = None,
    purpose: Purpose = "plan",
) -> tuple[Instance, Options]:
    """As `load`, with the options the file sets. A given seed takes the place of the file's, everywhere.

    heads   H where the file leaves it open; a file that states another is an error, since H is that of trained weights
    purpose what is to be done with it, which has to fit into this machine; a plan takes least
    """
    if path is None:
        return built({"kind": "digits"}, Path("instance.toml"), seed, heads, purpose)
    path = Path(path)
    if path.suffix.lower() == ".npz":
        return _same_heads(saved_instance(path, seed), heads, path.name), Options()
    return built(contents(path), path, seed, heads, purpose)


def contents(path: Path) -> dict[str, Any]:
    """The tables of an instance file, as they are written. Raises InputError."""
    remedy = _file(path)
    try:
        return tomllib.loads(
            path.read_text(encoding="utf-8-sig")
        )  # editors on Windows begin with a byte order mark
    except UnicodeDecodeError as error:
        raise InputError("INSTANCE", path, f"UTF-8 text (byte {error.start + 1} is not)", remedy) from error
    except OSError as error:
        raise InputError("INSTANCE", path, f"a file that can be read ({error.strerror})", remedy) from error
    except (ValueError, RecursionError) as error:
        raise InputError("INSTANCE", path, f"valid TOML ({error})", f"correct it; {STARTER}") from error


def _file(path: Path) -> str:
    """What to do where the file of an instance cannot be read. Raises InputError where the name is that of no such file."""
    remedy = f"name a .toml file; {STARTER}"
    try:
        if not path.exists():
            raise InputError("INSTANCE", path, "a file that exists", remedy)
        if not path.is_file():
            raise InputError("INSTANCE", path, "a file, not a directory or device", remedy)
        if path.suffix.lower() not in (".toml", ".npz"):
            raise InputError("INSTANCE", path, "a .toml file, or an .npz written by Instance.save", remedy)
    except OSError as error:
        raise InputError("INSTANCE", path, f"a file that can be read ({error.strerror})", remedy) from error
    return remedy


def saved_instance(path: Path, seed: int | None) -> Instance:
    """The instance of an .npz written by Instance.save, with this seed where one is given. Raises InputError."""
    _file(path)
    remedy = "write it again with Instance.save"
    if not zipfile.is_zipfile(path):
        raise InputError("INSTANCE", path, "a saved instance, and this is no .npz archive", remedy)
    try:
        saved = Instance.load(path)
        return saved if seed is None else replace(saved, seed=seed)
    except InputError:
        raise
    except Exception as error:  # a damaged archive can fail anywhere; none of it is worth a traceback
        reason = f"a saved instance ({type(error).__name__}: {error})"
        raise InputError("INSTANCE", path, reason, remedy) from error


def _same_heads(instance: Instance, heads: int | None, name: str) -> Instance:
    if heads is not None and heads != instance.H:
        needed = f"H = {instance.H}, as {name} states"
        raise InputError(
            "--weights", f"Q and w with H = {heads}", needed, f"remove H from {name}, or use its weights"
        )
    return instance


def built(
    data: dict[str, Any], path: Path, seed: int | None, heads: int | None = None, purpose: Purpose = "plan"
) -> tuple[Instance, Options]:
    """The instance that the tables of a file describe; the arguments are those of `load_config`. Raises InputError."""
    if heads is not None and isinstance(sizes := data.setdefault("sizes", {}), dict):
        sizes.setdefault("H", heads)
    file = parse(data, path.name)
    if seed is None:
        seed = file.seed
    tokens, features = _arrays(file, path, seed, purpose)
    start = file.initialisation
    if start.Q is not None and start.beta is not None:
        needed = "initialisation.Q or initialisation.beta, not both"
        raise InputError("initialisation.beta", start.beta, needed, f"remove one of them from {path.name}")
    for name in ("Q", "w"):
        if getattr(start, name) is None and (key := getattr(start, f"{name}_key")) is not None:
            where = f"initialisation.{name}"
            raise InputError(f"{where}_key", key, f"{where} beside it", f"set {where} or remove it")
    read = partial(_read, path)
    Q = None if start.Q is None else read(start.Q, "initialisation.Q", key=start.Q_key, ndim=3)
    w = None if start.w is None else read(start.w, "initialisation.w", key=start.w_key)
    instance = Instance(
        name=file.name or file.kind, tokens=tokens, features=features, N=file.sizes.N, H=file.sizes.H,
        tau=file.noise.tau, beta=start.beta or DEFAULT_BETA[file.kind], tasks=file.tasks.law(),
        inference=file.inference.build(), Q_given=Q, w_given=w, seed=seed,
    )  # fmt: skip
    _same_heads(instance, heads, path.name)
    return instance, Options(bound_target=file.training.bound_target, max_steps=file.training.max_steps)


def _read(path: Path, file: str, argument: str, **how: Any) -> Array:
    return read_array(
        path.parent / os.fsdecode(file.encode()), argument, **how
    )  # in whatever encoding names of files have here


def _arrays(
    file: Digits | Synthetic | Arrays, path: Path, seed: int, purpose: Purpose
) -> tuple[Array, Array]:
    """Tokens (d, K) and features (m, K)."""
    sizes = file.sizes
    match file:
        case Synthetic():
            _fits(file, file.sizes.d, file.sizes.K, file.sizes.m, purpose)
            tokens = dictionaries.gaussian_tokens(
                file.sizes.d, file.sizes.K, seed, unit_norm=file.tokens.unit_norm
            )
            return tokens, dictionaries.gaussian_features(file.sizes.m, file.sizes.K, seed)
        case Digits():
            tokens = dictionaries.digit_tokens(file.sizes.K, seed)
        case Arrays():
            given = file.tokens
            tokens = _read(path, given.file, "tokens.file", key=given.key, orientation=given.orientation)
            if given.unit_norm:
                tokens = dictionaries.unit_columns(tokens, "tokens.file")
            for name, size in zip("dK", tokens.shape, strict=True):
                _agree(f"sizes.{name}", getattr(file.sizes, name), size, given.file)
    match file.features:
        case Fourier(bandwidth=bandwidth, seed=own):
            m = sizes.m
            if m is None and isinstance(file, Digits):
                m = dictionaries.DIGITS.m
            if m is None:
                raise InputError("sizes.m", "nothing", "the number of features", f"set it in {path.name}")
            _fits(file, len(tokens), tokens.shape[1], m, purpose)
            return tokens, dictionaries.random_fourier(tokens, m, bandwidth, seed if own is None else own)
        case Identity():
            features = dictionaries.identity(tokens)
        case Quadratic():
            features = dictionaries.quadratic(tokens)
        case Given(file=name, key=key, orientation=orientation):
            features = _read(path, name, "features.file", key=key, orientation=orientation)
            K = tokens.shape[1]
            if features.shape[1] != K:
                needed = f"one column per token, K = {K}"
                remedy = 'check the file, or set features.orientation = "rows" if it has one token per row'
                raise InputError("features.file", f"{name} with {features.shape[1]} columns", needed, remedy)
    _agree("sizes.m", sizes.m, features.shape[0], "the features")
    return tokens, features


def _fits(file: Digits | Synthetic | Arrays, d: int, K: int, m: int, purpose: Purpose) -> None:
    """Raises InputError, before anything is drawn, where the sizes are too large for what is to be done with them."""
    from verify.theories.yang2024.fits import Sizes, must_fit

    sizes = Sizes(file.sizes.N, K, m, d, file.sizes.H, file.inference.prompts, file.training.max_steps)
    must_fit(sizes, purpose)


def _agree(name: str, stated: int | None, found: int, where: str) -> None:
    if stated is not None and stated != found:
        raise InputError(name, stated, f"{found}, the size of {where}", f"set {name} to {found} or remove it")
