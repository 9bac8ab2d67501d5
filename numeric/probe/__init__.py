"""The probe: which known algorithm a model's predictions come from, with the statistics that say how well that is known."""
