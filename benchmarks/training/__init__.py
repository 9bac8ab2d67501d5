"""How long training takes: against automatic differentiation, against the paper's own training, against the machine, and as sizes grow."""
