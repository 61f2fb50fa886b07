"""What every recorder's file is turned into, whatever its format: interactions, bodies and messages."""
