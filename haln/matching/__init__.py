"""Who suits whom: members, ties and groups in; explained suggestions out. Knows nothing of storage or the web."""
