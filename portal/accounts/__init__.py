"""Getting in, and what keeps others out: passwords, second factors, limits, sessions, history."""
