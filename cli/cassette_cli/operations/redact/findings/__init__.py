"""Findings as people see them: where each is, its fingerprint, and what a project accepts."""
