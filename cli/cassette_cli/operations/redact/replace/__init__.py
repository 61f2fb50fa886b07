"""Replacing what was found: placeholders, edits through every layer, and the proof of the result."""
