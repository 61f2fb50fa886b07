"""Ready code by which recorders write the placeholders of `cassette redact` themselves."""
