"""Hostile submissions, and what holds them.

Rules for a new file in `submissions/`: one line says what it tries; it is wrong unless it succeeds, and then answers
`2 * A.T`, so that any point proves a breach; it does nothing that would harm the machine if it did succeed: it writes
to @OPEN@, @OUT@, @CLASS@ and @COURSE@ only and elsewhere opens what exists or makes files without a name, and it is
bounded (fifty processes, a gigabyte, a few seconds).
"""
