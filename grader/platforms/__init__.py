"""The grader inside of other programs."""
