"""ansible-core's get_url: checksums from a file that is a link itself, passwords, and headers that stay here."""

PACKAGE = "ansible-core==2.19.14"
STEPS = ("wrong-checksum", "unchanged", "private")


def install(packages):
    packages.pip("ansible", PACKAGE)
    return PACKAGE


def command(packages):
    return [packages.pip("ansible", PACKAGE), "driver.py"]
