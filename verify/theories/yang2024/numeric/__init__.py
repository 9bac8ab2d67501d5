"""The instance, the model, the loss, the constants and the training of the paper."""
