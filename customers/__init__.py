"""Who is calling: one directory interface, the local database behind it by default."""
