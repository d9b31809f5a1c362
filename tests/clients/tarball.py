"""A compressed archive of one file."""

import io
import tarfile


def of(name, content, mode=0o644):
    """The archive's bytes."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz") as archive:
        file = tarfile.TarInfo(name)
        file.size, file.mode = len(content), mode
        archive.addfile(file, io.BytesIO(content))
    return written.getvalue()
