"""pip and uv: a direct reference with a hash, an index laid out on permanent links, and the page of a release."""

PACKAGES = ("pip==26.3", "uv==0.13.9")
TOOLS = ("pip", "uv")
WAYS = ("direct", "index", "latest-index", "page", "wrong-hash")
STEPS = (
    *(f"{tool}-{way}-{visibility}" for visibility in ("public", "private") for tool in TOOLS for way in WAYS),
    *(f"{tool}-netrc" for tool in TOOLS),
)


def install(packages):
    packages.pip("python-installers", *PACKAGES)
    return ", ".join(PACKAGES)


def command(packages):
    return [packages.pip("python-installers", *PACKAGES), "driver.py"]
