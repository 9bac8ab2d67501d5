"""Whether a statement needs a hypothesis: its proof may do without, or an exact point breaks the hypothesis and then the statement."""
