"""Templates and format strings in everything that is shown."""
def square_gradient(A):
    "{{ config }} {0.__class__} %s %n ${jndi:ldap://127.0.0.1}"
    raise KeyError("{{ self.__init__.__globals__ }} {0.__class__.__mro__} %(x)s [bold red]right[/] [link=file:///etc/passwd]x[/link]")
