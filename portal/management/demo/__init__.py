"""What the demonstration shows: people, contacts and what they set."""
