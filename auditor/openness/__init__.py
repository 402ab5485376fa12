"""How open a release is: the Model Openness Framework's class of it, and what lists of disclosures it covers."""
