"""The archive of snapshots: packing, the index of what is kept, and the stores that keep it."""
