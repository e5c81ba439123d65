"""Who a request comes from as long as nobody has signed in: a guest at an address."""

from starlette.requests import Request

from app.domain.addresses import packed
from app.domain.viewers import Identity


async def guest(request: Request) -> Identity:
    """A guest with the client's address, as the server reports it.

    Behind a proxy it is the server's affair to believe the proxy's headers.
    """
    try:
        return Identity(address=packed(request.client.host if request.client else ""))
    except ValueError:
        # A socket of the file system has no address: it is on this machine.
        return Identity()
