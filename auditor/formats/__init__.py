"""Bundle format 1 as pydantic models: the one source of schemas/*.schema.json."""
