"""Stand-ins for the vendors, speaking their wire protocols on one port. None of them is an AI."""
