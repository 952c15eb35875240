"""What leaves the platform and comes in from others, one file per format or protocol."""
