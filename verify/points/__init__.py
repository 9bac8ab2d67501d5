"""Points at which statements are evaluated: every letter in every arithmetic, exact points, witnesses."""
