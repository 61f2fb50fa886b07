"""What the sources of a project say of the names of its cassettes: a module a language, and what decides by them."""
