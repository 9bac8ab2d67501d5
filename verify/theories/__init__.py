"""The theories that ship with icl-verify, one folder each."""
