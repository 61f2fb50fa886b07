"""YAML to nodes: a reader of lines for what recorders write, and the C parser for all else, behind one door."""
