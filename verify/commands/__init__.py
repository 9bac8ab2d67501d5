"""The commands of icl-verify; `shared.py` has what they share."""
