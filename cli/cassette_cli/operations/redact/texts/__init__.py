"""The texts of a cassette: where each stands, and through which layers, there and back."""
