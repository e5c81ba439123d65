"""The storm: many people write the same posts at once, through real processes and real sockets."""
