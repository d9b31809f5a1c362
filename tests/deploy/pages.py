"""The pages for one host, on a clean Debian: what they tell to paste is pasted, in order, and does what they say."""

import re
import shutil

from host import Host
from server import BINARY, HOST, ROOT

DOCS = ROOT / "docs"
HERE = f"curl -sS --fail-with-body --cacert /etc/ssl/{HOST}.pem --resolve {HOST}:443:127.0.0.1"
PROJECTS = f"https://{HOST}/api/v4/projects"
BUILD = "cargo build --release -p release-links-app\n"
DATABASE = "/var/lib/release-links/release-links.db"


def pasted(page, heading):
    """The blocks of commands of one section, as they are."""
    text = (DOCS / page).read_text()
    section = re.search(rf"^##+ {re.escape(heading)}\n(.*?)(?=^##+ |\Z)", text, re.MULTILINE | re.DOTALL)
    assert section, f"{page} has no section {heading!r}"
    blocks = re.findall(r"```sh\n(.*?)```", section.group(1), re.DOTALL)
    assert blocks, f"nothing is to be pasted in {heading!r} of {page}"
    return blocks


class Operator:
    """Who follows the pages, in a folder with the project and its binary."""

    def __init__(self, host):
        self.host = host
        self.token = None

    def does(self, script, user="admin"):
        code, said = self.host.sh(script, user)
        assert code == 0, f"{script}\n{said}"
        return said

    def pastes(self, page, heading, **replaced):
        said = ""
        for block in pasted(page, heading):
            for found, put in replaced.items():
                block = block.replace(found, put)
            said += self.does(block)
            self.does("sudo -u release-links release-links healthcheck")
        return said

    def asks(self, target, *arguments):
        """Through the proxy, with the operator's token."""
        words = " ".join(arguments)
        return self.does(f"{HERE} -H 'PRIVATE-TOKEN: {self.token}' {words} '{target}'")


def provide_binary(home):
    """Where `cargo build --release` leaves the binary. The suite `package` installs the package, which is the other way."""
    (home / "target" / "release").mkdir(parents=True)
    shutil.copy(BINARY, home / "target" / "release")


def prepare(host):
    """What the pages expect of a host: a user who may use sudo, the project's files, and a certificate."""
    rights = "admin ALL=(ALL) NOPASSWD: ALL"
    code, said = host.sh(f"useradd --create-home --shell /bin/sh admin; echo '{rights}' > /etc/sudoers.d/admin", "root")
    assert code == 0, said
    home = host.root / "home" / "admin"
    shutil.copytree(DOCS, home / "docs")
    provide_binary(home)
    key = f"-keyout /etc/ssl/{HOST}.key -out /etc/ssl/{HOST}.pem -subj /CN={HOST} -addext subjectAltName=DNS:{HOST}"
    code, said = host.sh(f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 {key}", "root")
    assert code == 0, said


def the_pages_for_one_host_do_what_they_say(folder):
    host = Host(folder)
    try:
        prepare(host)
        operator = Operator(host)
        for step in (installed, behind_a_proxy, counted, backed_up_and_restored, upgraded, let_in_again):
            step(operator)
            print(f"   {step.__name__}", flush=True)
    except AssertionError as error:
        _, journal = host.sh("journalctl --no-pager --unit release-links.service | tail -n 30", "root")
        raise AssertionError(f"{error}\n{journal}") from error
    finally:
        host.stop()


def installed(operator):
    operator.pastes("operations.md", "By hand", **{BUILD: ""})
    said = operator.pastes("operations.md", "The first token")
    (operator.token,) = re.findall(r"^(glpat-\S+)$", said, re.MULTILINE)
    operator.does("systemctl is-active release-links.service release-links-backup.timer")
    assert operator.does("sudo stat -c %U /proc/$(pidof release-links)").endswith("release-links\n")
    assert operator.does(f"sudo test ! -e {DATABASE}.root-token && echo gone").endswith("gone\n")


def behind_a_proxy(operator):
    operator.pastes("operations.md", "A proxy in front")
    operator.asks(PROJECTS, "-d name=kept")
    assert '"path":"kept"' in operator.asks(f"{PROJECTS}/root%2Fkept")


def counted(operator):
    said = operator.pastes("monitoring.md", "Metrics")
    assert re.search(r"^release_links_build_info\{", said, re.MULTILINE), said[-2000:]


def backed_up_and_restored(operator):
    operator.pastes("operations.md", "Backup and restore")
    assert " 0 damaged," in operator.pastes("operations.md", "Checking files")
    operator.does("sudo test -s /var/lib/release-links/aside/release-links.db")
    assert '"path":"kept"' in operator.asks(f"{PROJECTS}/root%2Fkept")
    assert operator.does("sudo stat -c '%U %a' /var/backups/release-links/today.db").endswith("release-links 600\n")


def upgraded(operator):
    operator.asks(PROJECTS, "-d name=newer")
    operator.pastes("operations.md", "Upgrade and downgrade")
    assert '"path":"newer"' in operator.asks(f"{PROJECTS}/root%2Fnewer")
    assert operator.does("sudo find /var/backups/release-links -name '*day.db'").count("day.db") == 2


def let_in_again(operator):
    lost = operator.token
    said = operator.pastes("operations.md", "Locked out", OLD_ID="1")
    (operator.token,) = re.findall(r"^(glpat-\S+)$", said, re.MULTILINE)
    assert '"username":"root"' in operator.asks(f"https://{HOST}/api/v4/user")
    with_lost = f"-o /dev/null -w '%{{http_code}}' -H 'PRIVATE-TOKEN: {lost}' https://{HOST}/api/v4/user"
    refused = operator.does(f"{HERE} {with_lost} || true")
    assert refused.strip().endswith("401"), refused
