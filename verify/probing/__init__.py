"""The probe: arrays or a model in, the algorithm that its predictions come from out. The statistics are those of `numeric.probe`."""
