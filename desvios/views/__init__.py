"""The pages about forwarding, a module each."""
