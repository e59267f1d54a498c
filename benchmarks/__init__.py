"""What we claim about speed and quality, runnable: `make bench`. Each figure has its peer from the same run."""
