"""Questions to a rating that was made: what if, what would it take, what moves most, what changed since."""
