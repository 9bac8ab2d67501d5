"""The statements of the paper, one file a subject; `state` in each adds them to the setting."""
