"""Smaller cassettes with the same answers: what to drop, how deltas join, and the proof that no client can tell."""
