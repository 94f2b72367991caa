"""Markup in the type and the text of an exception, and in a name."""
Evil = type("<script>alert(1)</script>", (Exception,), {})
def square_gradient(A): raise Evil("</pre><img src=x onerror=alert(2)>\"'><a href='javascript:alert(3)'>")
