"""Forged releases: honest bundles, named mutations of them, and what the rules find."""
