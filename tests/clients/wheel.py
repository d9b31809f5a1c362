"""The smallest package that pip accepts."""

import io
import zipfile


def name(version="1.0.0"):
    """The file's name."""
    return f"hello-{version}-py3-none-any.whl"


def content(version="1.0.0"):
    """The file's bytes, the same each time: a package `hello` without a module."""
    about = f"hello-{version}.dist-info"
    files = {
        "METADATA": f"Metadata-Version: 2.1\nName: hello\nVersion: {version}\n",
        "WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "RECORD": "",
    }
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name_within, text in files.items():
            archive.writestr(zipfile.ZipInfo(f"{about}/{name_within}"), text)
    return written.getvalue()
