"""What is written of a record: listings, equations, words."""
