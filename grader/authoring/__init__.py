"""For authors and instructors: validate, mutate, start and release problems."""
