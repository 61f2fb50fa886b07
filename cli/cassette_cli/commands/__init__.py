"""The verbs: one module each, imported when it is called. Parse, call an operation, render."""
