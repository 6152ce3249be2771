"""What the extension costs a student's Jupyter server."""
