"""What AWS would be given, and the archives run by its own runtime."""
