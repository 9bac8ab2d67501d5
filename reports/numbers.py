"""Numbers as a reader wants them: few digits, powers of ten written out, bounds rounded outward."""

from __future__ import annotations

import re
from decimal import (
    MAX_EMAX,
    MIN_EMIN,
    ROUND_CEILING,
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DecimalException,
    InvalidOperation,
)

from markupsafe import Markup, escape

NONE = Markup('<span class="none">—</span>')
THIN = "\N{NARROW NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_DECIMAL = re.compile(r"[+-]?(\d+\.\d*|\.?\d+(?=[eE])|\.\d+)([eE][+-]?\d{1,9})?")
_LETTER = re.compile(
    r"(?:(?<![A-Za-z0-9_])[^\W\d_][\u0300-\u036f]?|[‖)\]])[′']?(_\{[^\s{}]{1,8}\}|_[A-Za-z0-9∞]{1,3})(?![A-Za-z0-9_])"
)
_ACCENT = {"bar": "\u0304", "hat": "\u0302"}
_GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "Delta": "Δ", "epsilon": "ε", "varepsilon": "ε",
    "zeta": "ζ", "eta": "η", "theta": "θ", "lambda": "λ", "mu": "μ", "xi": "ξ", "sigma": "σ", "tau": "τ",
    "ell": "ℓ", "mathcal{L}": "𝓛", "top": "ᵀ", "star": "*", "cdot": "·", "max": "max", "min": "min",
}  # fmt: skip


def power_of_ten(exponent: int) -> str:
    """Plain text, for figures: 10⁻⁶."""
    return "10" + str(exponent).translate(_SUPERSCRIPT)


def plain(value: float, digits: int = 3) -> str:
    """A number as plain text, for figures and tooltips: 0.125, 1.25 × 10⁻⁹."""
    mantissa, exponent = _split(Decimal(repr(float(value))), digits, ROUND_HALF_EVEN)
    return mantissa if exponent is None else f"{mantissa}{THIN}×{THIN}{power_of_ten(exponent)}"


def _wide(digits: int, rounding: str = ROUND_HALF_EVEN) -> Context:
    """Saturated attention leads to constants of 10 to the power of millions, which the default context has no room for."""
    return Context(prec=digits, rounding=rounding, Emax=MAX_EMAX, Emin=MIN_EMIN)


def _split(value: Decimal, digits: int, rounding: str) -> tuple[str, int | None]:
    """(text, None) for a number written out, (mantissa, exponent) for a power of ten."""
    if not value.is_finite():
        return ("∞" if value > 0 else f"{MINUS}∞") if value.is_infinite() else "undefined", None
    if value == 0:
        return "0", None
    wide = _wide(digits, rounding)
    rounded = wide.plus(value)
    exponent = rounded.adjusted()
    if -3 <= exponent < 5:
        text = f"{rounded:f}"
        if exponent >= digits and rounding == ROUND_HALF_EVEN:
            text = f"{value:.0f}"
        text = _trim(text)
        whole, dot, fraction = text.partition(".")
        return _group(whole.replace("-", MINUS)) + dot + fraction, None
    return _trim(f"{rounded.scaleb(-exponent, wide):f}").replace("-", MINUS), exponent


def grouped(value: int) -> str:
    """A whole number as plain text, with thin spaces: 12 000."""
    return _group(str(value).replace("-", MINUS))


def _trim(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _group(digits: str) -> str:
    """Thin spaces between thousands, from five digits on."""
    body = digits.lstrip(MINUS)
    if len(body) < 5:
        return digits
    head = len(body) % 3
    parts = ([body[:head]] if head else []) + [body[i : i + 3] for i in range(head, len(body), 3)]
    return digits[: len(digits) - len(body)] + THIN.join(parts)


def _show(value: Decimal, digits: int, rounding: str = ROUND_HALF_EVEN, title: str = "") -> Markup:
    mantissa, exponent = _split(value, digits, rounding)
    body = Markup(mantissa)
    if exponent is not None:
        power = str(exponent).replace("-", MINUS)
        times = f"{THIN}×{THIN}10"
        body = (
            Markup("{}{}<sup>{}</sup>").format(mantissa, times, power)
            if mantissa not in ("1", f"{MINUS}1")
            else Markup("{}10<sup>{}</sup>").format(mantissa[:-1], power)
        )
    if title:
        return Markup('<span class="num" title="{}">{}</span>').format(title, body)
    return Markup('<span class="num">{}</span>').format(body)


def number(value: bool | int | float | str | None, digits: int = 4) -> Markup:
    """Any scalar of the record. What is rounded for display keeps its stored value as a tooltip."""
    if value is None:
        return NONE
    if isinstance(value, bool):
        return Markup("yes" if value else "no")
    if isinstance(value, str):
        if len(value) <= 4000 and _DECIMAL.fullmatch(value):
            return _show(Decimal(value), digits, title=value)
        return escape(value)
    if isinstance(value, int):
        if abs(value) < 10**15:
            return Markup('<span class="num">{}</span>').format(grouped(value))
        return _show(Decimal(value), digits, title=str(value) if abs(value) < 10**200 else "")
    return _show(Decimal(repr(value)), digits, title=repr(value))


def bound(value: str, side: str, digits: int = 8) -> Markup:
    """One end of a certified enclosure, rounded outward: never tighter than what was certified."""
    try:
        exact = Decimal(value)
    except InvalidOperation:
        return escape(value)
    return _show(exact, digits, ROUND_FLOOR if side == "lower" else ROUND_CEILING, title=value)


def agreement(lower: str, upper: str) -> str:
    """How many decimal digits an enclosure fixes, in words."""
    try:
        low, high = Decimal(lower), Decimal(upper)
        width = _wide(50).subtract(high, low)
        if not width.is_finite() or width < 0:
            return "no enclosure"
        if width == 0:
            return "exact as stored"
        size = max(low.copy_abs(), high.copy_abs())
        digits = max(0, size.adjusted() - width.adjusted())
        return "1 digit" if digits == 1 else f"{digits} digits"
    except DecimalException:
        return "not numeric"


def duration(seconds: float) -> str:
    if seconds < 0.0005:
        return "under 1 ms"
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 100:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def letters(text: str) -> Markup:
    """A symbol such as ``ζ_0``, ``\\eta_Q`` or ``B_k B_k^T`` with its sub- and superscripts raised."""
    text = text.replace(r"\|", "‖")
    text = re.sub(
        r"\\(bar|hat)\{?(\w)\}?", lambda found: found[2] + ("\u0304" if found[1] == "bar" else "\u0302"), text
    )
    text = re.sub(r"\\(mathcal\{L\}|[A-Za-z]+)", lambda found: _GREEK.get(found[1], found[0]), text)
    shown = Markup("")
    position = 0
    for found in re.finditer(r"([_^])(?:\{([^{}]*)\}|([A-Za-z0-9*]+|[^\s{}]))", text):
        tag = "sub" if found[1] == "_" else "sup"
        inner = found[2] if found[2] is not None else found[3]
        shown += escape(text[position : found.start()]) + Markup(f"<{tag}>{{}}</{tag}>").format(inner)
        position = found.end()
    return shown + escape(text[position:])


def letter(name: str) -> Markup:
    """A letter as a witness names it: ``alpha``, ``Zbar`` and ``Minv`` as in the paper; any other name as it stands."""
    found = re.fullmatch(r"(lam|[a-z]{2,8}|[A-Z])(bar|hat|inv)?(\d?)", name)
    if (
        found is None
        or (known := {"lam": "λ", **_GREEK}.get(found[1], found[1] if len(found[1]) == 1 else "")) == ""
    ):
        return letters(name)
    marked = known + _ACCENT.get(found[2] or "", "") + ("⁻¹" if found[2] == "inv" else "")
    return letters(marked + (f"_{found[3]}" if found[3] else ""))


_POWER = re.compile(r"\^(\([^\s()]{1,6}\)|\{[^\s{}]{1,8}\}|[A-Za-z0-9](?![A-Za-z0-9]))")


def prose(text: str) -> Markup:
    """A sentence in which B_k, ζ_0 or ‖x‖_∞ stand as in the paper; names such as seed_0 are left alone."""
    shown = Markup("")
    position = 0
    marks = [(found, 1, "sub") for found in _LETTER.finditer(text)] + [
        (found, 0, "sup") for found in _POWER.finditer(text)
    ]
    for found, group, tag in sorted(marks, key=lambda mark: mark[0].start(mark[1])):
        inner = found[1].strip("_{}")
        shown += escape(text[position : found.start(group)]) + Markup("<{0}>{1}</{0}>").format(
            Markup(tag), inner
        )
        position = found.end(group)
    return shown + escape(text[position:])
