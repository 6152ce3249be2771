"""A guest with nothing to do with courses: rooms with notes, to test the runtime by itself."""
