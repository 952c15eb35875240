"""Where things are kept: catalogue, lake, archive, and the engine that queries them."""
