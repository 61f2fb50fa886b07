"""The detectors: pure functions from decoded text to matches."""
