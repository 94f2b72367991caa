"""The derivative rules of other libraries, as submissions to problems of ours."""
