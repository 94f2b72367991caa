"""Markup in the line that is shown as the place of an error."""
def square_gradient(A):
    return A.does_not_exist  # </code><script>alert(1)</script>{{ 7 * 7 }}{% raw %}
