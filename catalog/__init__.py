"""What staff edit: agents, numbers, clips, prompts, tools. Knows nothing of calls."""
