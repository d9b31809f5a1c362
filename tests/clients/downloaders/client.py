"""wget, aria2 and curl through permanent links: resumed, conditional and partial downloads, and what each passes on."""

STEPS = (
    *(f"{tool}-{way}" for tool in ("wget", "aria2", "curl") for way in ("newer", "continue", "netrc", "in-url")),
    "wget-spider", "aria2-split", "curl-range", "curl-head", "curl-bearer",
    "wget-header", "aria2-header", "aria2-user", "curl-trusted",
)


def install(packages):
    return packages.apt("curl", "wget", "aria2")


def command(packages):
    return [packages.python, "driver.py"]
