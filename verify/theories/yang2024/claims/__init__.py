"""The statements of the paper, as printed and repaired."""
