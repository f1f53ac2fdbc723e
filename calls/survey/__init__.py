"""The survey: the caller is asked how the call was, at its end or by WhatsApp afterwards."""
