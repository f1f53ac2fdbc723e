"""One phone call, from webhook to record."""
