"""Cassettes that no test plays: by what a command opens, by what its runs logged, or by their names."""
