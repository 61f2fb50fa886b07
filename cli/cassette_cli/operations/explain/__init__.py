"""`cassette explain`: what a name means that `cassette` prints or takes, in a paragraph with an example."""
