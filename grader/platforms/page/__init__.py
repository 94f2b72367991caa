"""A page that checks formulas in a browser: Python, FLINT and the checker as static files, no server behind them."""
