"""The other wing: plan, data, train, evaluate, verdict, level."""
