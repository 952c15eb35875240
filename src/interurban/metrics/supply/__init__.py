"""How much service there is, where and when."""
