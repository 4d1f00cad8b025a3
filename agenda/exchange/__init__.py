"""Address books that come from elsewhere and go elsewhere: vCard and CSV."""
