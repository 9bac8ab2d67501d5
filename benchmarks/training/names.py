"""How sizes, speeds and parts of a whole are written on the page."""

from __future__ import annotations

from collections.abc import Mapping

SIZES = ("N", "K", "H", "d", "m")
CASES = {
    "default": "the default instance", "batched": "a batch of the default family", "paper": "the paper's Figure 2(a)",
    "wide": "default sizes with d = 1,024", "largest": "the largest",
}  # fmt: skip


def size(case: str, sizes: Mapping[str, float]) -> str:
    letters = ", ".join(f"{letter} = {sizes[letter]:,}" for letter in SIZES)
    many = f", {sizes['instances']:,} instances" if "instances" in sizes else ""
    return f"{CASES[case]}: {letters}{many}"


def speed(flops: float) -> str:
    """Operations a second."""
    return f"{flops / 1e9:.3g} Gflop/s"


def percent(part: float) -> str:
    return f"{100 * part:.0f} %"
