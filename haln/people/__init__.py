"""Members, organisations, registers, consent, privacy, imports."""
