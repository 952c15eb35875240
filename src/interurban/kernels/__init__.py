"""The few array computations that no query engine can do."""
