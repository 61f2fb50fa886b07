"""Recorders and their files: one module a format, each cassette claimed by exactly one."""
