"""Rehearsals: what happens when people and runbooks meet an incident, before one happens."""
