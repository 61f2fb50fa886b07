"""Reads, explains, cleans and compares recorded HTTP: the cassettes of VCR-like recorders."""

__version__ = "1.0.0"
