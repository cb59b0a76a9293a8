"""Levers on LiteLLM, the gateway before language models."""
