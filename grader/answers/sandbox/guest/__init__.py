"""What runs in the student's process; imports nothing of ours but its neighbours in this folder."""
