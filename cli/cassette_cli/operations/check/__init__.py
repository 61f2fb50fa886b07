"""Faults that make a cassette bad, each with a code of its own: what `cassette check` finds."""
