"""Which rules run, in which order, and what they end as."""
