"""Records of schemas 1.x and 2.0 as schema 3.0 says them. The standard library only."""

from __future__ import annotations

from typing import Any

# The words that had hyphens, and the fields in which they stood.
HYPHENS = ("not-applicable", "proved-at-size", "not-needed", "none-found", "not-examined", "not-run")
FIELDS = ("verdict", "here", "strength", "status")


def migrated(data: Any) -> Any:
    """The record as schema 3.0 says it; anything that is no record of an older schema comes back as it is.

    Of schema 1.x, what was said to hold without a proof is not refuted, and a failure has the strength of its refutation. Of schema
    2.0, what only one theory has of an instance becomes facts, and its pictures become panels.
    """
    version = str(data.get("schema_version", "")) if isinstance(data, dict) else ""
    if version.startswith("1."):
        data = _spaced(data)
        data["claims"] = [_claim(claim) for claim in data.get("claims", [])]
    return _panelled(data) if version.startswith(("1.", "2.")) else data


def _panelled(data: dict[str, Any]) -> dict[str, Any]:
    record = data | {"schema_version": "3.0"}
    if instance := record.get("instance"):
        scalars = {name: instance.get(name) for name in ("tau", "beta", "m_tau")}
        facts = {name: instance.get(name, "") for name in ("tasks", "inference")}
        rest = {name: value for name, value in instance.items() if name not in (*scalars, *facts)}
        record["instance"] = rest | {"scalars": scalars, "facts": facts | instance.get("facts", {})}
    if training := record.get("training"):
        moved = training.get("movement", [])
        chart = {"caption": "Relative movement", "across": "part", "joined": False}
        series = {"x": list(range(1, len(moved) + 1)), "y": {"movement": moved}}
        rest = {name: value for name, value in training.items() if name != "movement"}
        record["training"] = rest | {"charts": [chart | {"series": series}] if moved else []}
    found = [_spectrum(record.pop("spectrum", [])), _predictor(record.pop("predictor", None))]
    return record | {"panels": [panel for panel in found if panel]}


def _spectrum(spectra: list[dict[str, Any]]) -> dict[str, Any] | None:
    if not spectra:
        return None
    columns: dict[str, Any] = {"caption": "Eigenvalues", "across": "place"}
    columns |= {"values": {one["at"]: one["eigenvalues"] for one in spectra}}
    floors = {"floor": spectra[0]["zeta0"]} if spectra[0].get("zeta0") else {}
    return {"id": "spectrum", "title": "Spectrum", "columns": [columns | {"floors": floors}]}


def _predictor(one: dict[str, Any] | None) -> dict[str, Any] | None:
    if one is None:
        return None
    names = ["A", "Â"]
    matrices = {"caption": "Â and A", "names": names, "titles": names, "down": "row", "across": "column"}
    matrices |= {"first": one["A"], "second": one["A_hat"]}
    groups = {
        name: {"x": pairs.get("ridge", []), "y": pairs.get("model", [])}
        for name, pairs in one["scatter"].items()
    }
    scatter = {
        "caption": "Model against ridge regression",
        "across": "ridge",
        "up": "model",
        "groups": groups,
    }
    columns = list(dict.fromkeys(name for row in one.get("table", []) for name in row))
    rows = [[row.get(name) for name in columns] for row in one.get("table", [])]
    table = {"caption": "By group", "columns": columns, "rows": rows}
    return {
        "id": "predictor", "title": "Predictor", "figures": one["figures"], "comparisons": [matrices],
        "scatters": [scatter], "tables": [table] if rows else [],
    }  # fmt: skip


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
