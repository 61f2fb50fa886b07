"""Everything that is printed. Rich is imported only where a terminal is at the other end."""
