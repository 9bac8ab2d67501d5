"""What is so: instances, the literal model, exact training, certified numbers. Never imports symbolic."""
