"""What we claim about speed and quality, runnable: `make bench`. Each figure stands beside its peer from the same run."""
