"""Work on many files, spread over processes."""
