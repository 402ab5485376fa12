"""Findings and verdicts as text, JSON and SARIF; no judgement here."""
