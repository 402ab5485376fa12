"""Model signatures: OpenSSF model signing (OMS) 1.0 with elliptic-curve keys, offline."""
