"""The lossless layer: text to nodes with spans, edits to text, text to disk. Splice, never dump.

`document.Document` reads, `edits` says what to change, `verify.apply` changes it, `save` replaces the
file. What only an edit needs is imported by an edit: listing must not pay for it.
"""
