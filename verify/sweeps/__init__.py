"""Sweeps: cells of a design, each a record, run here or on a cluster, and kept in a store that analysts open. docs/sweeps.md."""
