"""The truth about a problem's map: exact derivatives by differencing in ball arithmetic."""
