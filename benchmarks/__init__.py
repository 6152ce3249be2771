"""The numbers of the live path, each beside the floor or peer measured in the same run."""
