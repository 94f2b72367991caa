"""Problems and courses: config.yaml, problem.yaml and solutions/, read and checked."""
