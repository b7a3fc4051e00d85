"""The project's speed, as ratios against floors measured in the same run."""
