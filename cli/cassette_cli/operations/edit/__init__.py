"""Changing a recording by hand: what a person edits, and the way back through every layer."""
