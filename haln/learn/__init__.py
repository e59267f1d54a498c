"""Learning together: cohorts, applications, plans, and the sets that meet."""
