"""What follows from an incident: the written analysis, what is mended, and the duties to report that may run."""
