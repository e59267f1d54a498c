"""How clusters of the tests begin."""

NO_DASHBOARD = {"dashboard": False, "dashboard_address": "127.0.0.1:0"}
"""For their schedulers: by themselves all ask for one port, and two tests at once would take it from each other."""
