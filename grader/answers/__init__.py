"""Answers: a student's file, found, read and run; nothing here knows a problem or a truth."""
