"""A demonstration network that reads as real: invented people in real organisations, and how they met."""
