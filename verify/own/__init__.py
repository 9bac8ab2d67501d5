"""Statements of one's own: a setting is written down in Python, checked, and rendered like the theories that ship with icl-verify."""
