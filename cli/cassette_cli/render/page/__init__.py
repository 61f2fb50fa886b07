"""Pages of HTML that need nothing else: what they share, and the styles and scripts that go into them."""
