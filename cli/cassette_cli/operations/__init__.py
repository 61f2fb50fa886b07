"""What the commands do, without options, tables or printing."""
