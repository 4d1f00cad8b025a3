"""What the pages show and ask of a calendar."""
