"""Records of schema 1.x in the words of schema 2.0. The standard library only."""

from __future__ import annotations

from typing import Any

# The words that had hyphens, and the fields in which they stood.
HYPHENS = ("not-applicable", "proved-at-size", "not-needed", "none-found", "not-examined", "not-run")
FIELDS = ("verdict", "here", "strength", "status")


def migrated(data: Any) -> Any:
    """The record as schema 2.0 says it; anything that is no record of schema 1.x comes back as it is.

    What was said to hold without a proof is not refuted, and a failure has the strength of its refutation.
    """
    if not isinstance(data, dict) or not str(data.get("schema_version", "")).startswith("1."):
        return data
    record = _spaced(data) | {"schema_version": "2.0"}
    record["claims"] = [_claim(claim) for claim in record.get("claims", [])]
    return record


def _spaced(value: Any, field: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _spaced(one, name) for name, one in value.items()}
    if isinstance(value, list):
        return [_spaced(one) for one in value]
    return value.replace("-", " ") if field in FIELDS and value in HYPHENS else value


def _claim(claim: dict[str, Any]) -> dict[str, Any]:
    judged = _judged(claim)
    if claim.get("expected") == claim.get("verdict"):
        judged["expected"] = judged.get("verdict")
    evidence = [
        _of_one_margin(_judged(found) if found.get("scope") == "general" else _refuted(found))
        for found in claim.get("evidence", [])
    ]
    margins = [e["margin"] for e in evidence if e.get("scope") == "here" and e.get("margin") is not None]
    return judged | {"evidence": evidence, "margin": min(margins, default=None)}


def _judged(found: dict[str, Any]) -> dict[str, Any]:
    """A verdict on all instances, of a claim or of one piece of evidence."""
    if found.get("verdict") == "holds" and found.get("strength") != "proved":
        return found | {"verdict": "not refuted"}
    return _refuted(found)


def _of_one_margin(found: dict[str, Any]) -> dict[str, Any]:
    """Comparisons within a tolerance gave their agreement as a margin."""
    if found.get("check") != "compare" and "deviation in standard errors" not in found.get("figures", {}):
        return found
    return found | {"margin": None, "agreement": found.get("margin")}


def _refuted(found: dict[str, Any]) -> dict[str, Any]:
    if found.get("verdict") != "fails":
        return found
    method = str((found.get("witness") or {}).get("method", ""))
    if found.get("strength") in ("tested", "observed"):
        known = "statistical"
    else:
        known = "exact witness" if "exact" in method and "ball" not in method else "certified"
    return found | {"strength": None, "refutation": known}
