"""The parts of a digest: one module each, listed in `registry`."""
