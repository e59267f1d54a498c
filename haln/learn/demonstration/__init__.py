"""A demonstration's cohorts and sets: three years of them, and what is open, asked and to be formed today."""
