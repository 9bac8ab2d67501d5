"""Proofs as files for Rocq (Coq), whose kernel checks them: a third checker, which is not ours.

The generator reads the data of proofs alone and imports nothing else of ours. It is trusted for what a file states, not for the proof:
Replay.v and Rules.v hold the theorems by which Rocq checks it.
"""
