"""Coming in by a directory: a real one (OpenLDAP's slapd) on a port of this machine, also over TLS."""

import contextlib
import datetime as dt
import ipaddress
import shutil
import socket
import subprocess
import time

import ldap3
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.urls import reverse
from django.utils import timezone

from rongdang.base.accounts import tokens
from rongdang.base.accounts.models import AccessToken, Refusal
from rongdang.base.accounts.services import create_user
from rongdang.base.errors import DomainError
from rongdang.base.ledger.models import Entry
from rongdang.config import env

SLAPD = shutil.which("slapd", path="/usr/sbin:/usr/bin:/sbin:/usr/lib/openldap")
BASE = "dc=example"
ROOT = "cn=root,dc=example"
LDIF = """
dn: dc=example
objectClass: dcObject
objectClass: organization
o: example
dc: example

dn: uid=mei,dc=example
objectClass: inetOrgPerson
uid: mei
cn: mei
sn: mei
userPassword: by the old river 3

dn: uid=zhou,dc=example
objectClass: inetOrgPerson
uid: zhou
cn: zhou
sn: zhou
userPassword: by the old river 4

dn: cn=house,dc=example
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: house
userPassword: house-secret
"""
CONF = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/slapd.pid
TLSCertificateFile {folder}/cert.pem
TLSCertificateKeyFile {folder}/key.pem
disallow bind_anon
database mdb
suffix "dc=example"
rootdn "cn=root,dc=example"
rootpw root-secret
directory {folder}/db
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="cn=house,dc=example" read by * none
"""
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(SLAPD is None, reason="no slapd (apt-get install slapd)"),
]


def certificate(folder):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    cert = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(cert.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.TraditionalOpenSSL
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    )


def free_ports():
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        return one.getsockname()[1], two.getsockname()[1]


@pytest.fixture(scope="module")
def slapd(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ldap")
    (folder / "db").mkdir()
    certificate(folder)
    (folder / "conf").write_text(CONF.format(folder=folder))
    (folder / "ldif").write_text(LDIF)
    add = [SLAPD, "-T", "add", "-f", str(folder / "conf"), "-l", str(folder / "ldif")]
    done = subprocess.run(add, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    plain, tls = free_ports()
    urls = f"ldap://127.0.0.1:{plain} ldaps://127.0.0.1:{tls}"
    server = subprocess.Popen(
        [SLAPD, "-f", str(folder / "conf"), "-h", urls, "-d", "0"], stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(100):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", tls), timeout=1).close()
                break
            time.sleep(0.1)
        yield {"plain": plain, "tls": tls, "ca": str(folder / "cert.pem")}
    finally:
        server.terminate()
        server.wait(timeout=20)


@pytest.fixture
def directory(slapd, settings, monkeypatch):
    def use(url, ca="", password="house-secret"):
        monkeypatch.setenv("RONGDANG_LDAP_URL", url)
        monkeypatch.setenv("RONGDANG_LDAP_BASE", BASE)
        monkeypatch.setenv("RONGDANG_LDAP_BIND_DN", "cn=house,dc=example")
        monkeypatch.setenv("RONGDANG_LDAP_BIND_PASSWORD", password)
        monkeypatch.setenv("RONGDANG_LDAP_CA_FILE", ca)
        settings.LDAP = env.ldap()
        settings.SIGN_IN_ELSEWHERE = True
        settings.AUTHENTICATION_BACKENDS = [
            "django.contrib.auth.backends.ModelBackend",
            "rongdang.base.accounts.directory.DirectoryBackend",
        ]

    use(f"ldap://127.0.0.1:{slapd['plain']}")
    return use


@pytest.fixture
def mei(directory):
    return create_user(username="mei", display_name="梅", password=None, acting_user=None)


def enters(client, username, password):
    client.post(reverse("login"), {"username": username, "password": password})
    came = "_auth_user_id" in client.session
    client.post(reverse("logout"))
    return came


def test_the_directory_s_password_opens_an_account_without_one_of_its_own(mei, client):
    assert enters(client, "mei", "by the old river 3")
    assert not enters(client, "mei", "by the old river 4")


def test_an_empty_password_is_no_bind(mei, client):
    assert not enters(client, "mei", "")


def test_an_account_with_its_own_password_is_not_opened_by_the_directory(directory, clerk, client):
    assert not enters(client, "zhou", "by the old river 4")
    assert enters(client, "zhou", "correct horse 42")


def test_who_is_in_the_directory_only_is_not_in(directory, client):
    assert not enters(client, "zhou", "by the old river 4")


@pytest.mark.parametrize("name", ["*", "m*", "mei)(uid=*", "mei)(|(uid=zhou)", "\\6dei", "mei\0"])
def test_a_name_with_signs_of_the_filter_means_only_itself(mei, directory, name):
    from rongdang.base.accounts.directory import bind

    assert not bind(name, "by the old river 3")


def test_a_closed_account_stays_closed(mei, client, person_in, city):
    from rongdang.base.accounts.services import close_account

    close_account(mei, acting_user=person_in("sun", "system", city))
    assert not enters(client, "mei", "by the old river 3")


def test_over_tls_only_with_a_certificate_that_is_known(mei, client, directory, slapd):
    directory(f"ldaps://127.0.0.1:{slapd['tls']}", slapd["ca"])
    assert enters(client, "mei", "by the old river 3")
    directory(f"ldaps://127.0.0.1:{slapd['tls']}")
    assert not enters(client, "mei", "by the old river 3")


def test_a_directory_that_does_not_answer_opens_nothing_and_counts(mei, client, directory, caplog):
    directory(f"ldap://127.0.0.1:{free_ports()[0]}")
    answers = [
        client.post(reverse("login"), {"username": "mei", "password": "by the old river 3"})
        for _ in range(5)
    ]
    assert [answer.status_code for answer in answers] == [200] * 4 + [429]
    assert "the directory does not answer" in caplog.text


class Office:
    """The directory's own officer at work on one entry."""

    def __init__(self, slapd):
        server = ldap3.Server(f"ldap://127.0.0.1:{slapd['plain']}", get_info=ldap3.NONE)
        self.line = ldap3.Connection(server, ROOT, "root-secret", auto_bind=True)

    def enters(self, name):
        told = {"cn": name, "sn": name, "userPassword": "by the old river 5"}
        assert self.line.add(f"uid={name},{BASE}", "inetOrgPerson", told), self.line.result

    def strikes(self, name):
        self.line.delete(f"uid={name},{BASE}")


@pytest.fixture
def office(directory, slapd):
    working = Office(slapd)
    yield working
    working.strikes("shen")
    working.line.unbind()


@pytest.fixture
def shen(office):
    office.enters("shen")
    return create_user(username="shen", display_name="沈", password=None, acting_user=None)


def opens(shown, address="192.0.2.7"):
    try:
        return tokens.owner_of(shown, address=address)[0].username
    except DomainError as error:
        return error.code


def token_of(user):
    told = {"name": "日报", "scopes": ["people"], "days": 30}
    return tokens.make(user, **told, acting_user=user)[1]


def test_an_account_closed_in_the_directory_loses_its_tokens_within_minutes_and_for_good(
    shen, office
):
    shown = token_of(shen)
    assert opens(shown) == "shen"
    office.strikes("shen")
    assert opens(shown) == "shen"  # asked a moment ago
    late = timezone.now() - dt.timedelta(minutes=tokens.OUTSIDE_MINUTES, seconds=1)
    AccessToken.objects.update(used_at=late)
    assert opens(shown) == "no-token"
    assert Entry.objects.filter(event="token:withdraw").count() == 1
    office.enters("shen")
    assert opens(shown) == "no-token"


def test_what_the_filter_does_not_find_is_closed_and_from_another_address_it_is_asked_at_once(
    shen, settings
):
    shown = token_of(shen)
    assert opens(shown) == "shen"
    settings.LDAP = {**settings.LDAP, "filter": "(&(uid={name})(!(sn=shen)))"}
    assert opens(shown, "192.0.2.8") == "no-token"


def test_while_the_directory_does_not_say_tokens_open_nothing_and_stay(shen, slapd, directory):
    shown = token_of(shen)
    directory(f"ldap://127.0.0.1:{free_ports()[0]}")
    assert opens(shown) == "directory-away"
    directory(f"ldap://127.0.0.1:{slapd['plain']}", password="another")
    assert opens(shown) == "directory-away"  # there, and says nothing to a stranger
    directory(f"ldap://127.0.0.1:{slapd['plain']}")
    assert opens(shown) == "shen" and not Refusal.objects.exists()


def test_a_token_of_an_account_with_its_own_password_does_not_ask(directory, clerk):
    shown = token_of(clerk)
    directory(f"ldap://127.0.0.1:{free_ports()[0]}")
    assert opens(shown) == clerk.username


def test_passwords_do_not_travel_in_clear_to_another_machine(monkeypatch):
    monkeypatch.setenv("RONGDANG_LDAP_URL", "ldap://directory.example")
    with pytest.raises(env.SettingError):
        env.ldap()
