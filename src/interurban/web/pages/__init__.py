"""One page per file: its address, what it asks the node, what it shows."""
