"""Who a request comes from as long as nobody has signed in: a guest at an address."""

from ipaddress import IPv6Address, ip_address

from starlette.requests import Request

from app.domain.viewers import Identity


async def guest(request: Request) -> Identity:
    """A guest with the client's address, as the server reports it.

    Behind a proxy it is the server's affair to believe the proxy's headers.
    """
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        # A socket of the file system has no address: it is on this machine.
        return Identity()
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return Identity(address=address.packed)
