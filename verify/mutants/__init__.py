"""False variants of claims, put through the checks of those claims."""
