"""Speed as ratios: each figure is ours beside a limit or a peer, measured in turn in one run."""
