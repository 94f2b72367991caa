"""Whose file is where: folders, archives and the layouts that platforms use."""
