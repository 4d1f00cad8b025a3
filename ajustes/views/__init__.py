"""The pages of Ajustes and Información, one module each."""
