"""Rehearsals: scenarios, the clock they run by, what is expected of the players; and the odds before one."""
