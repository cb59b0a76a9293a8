"""A stand-in for LiteLLM's gateway."""
