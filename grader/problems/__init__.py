"""What an author wrote: config.yaml, problem.yaml and solutions/, read and checked."""
