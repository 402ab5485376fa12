"""Findings and verdicts in every format that `formats` names; no judgement here."""
