"""Coming in by a directory: a real one (OpenLDAP's slapd) on a port of this machine, also over TLS."""

import contextlib
import datetime as dt
import ipaddress
import shutil
import socket
import subprocess
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.urls import reverse

from rongdang.base.accounts.services import create_user
from rongdang.config import env

SLAPD = shutil.which("slapd", path="/usr/sbin:/usr/bin:/sbin:/usr/lib/openldap")
BASE = "dc=example"
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
    def use(url, ca=""):
        monkeypatch.setenv("RONGDANG_LDAP_URL", url)
        monkeypatch.setenv("RONGDANG_LDAP_BASE", BASE)
        monkeypatch.setenv("RONGDANG_LDAP_BIND_DN", "cn=house,dc=example")
        monkeypatch.setenv("RONGDANG_LDAP_BIND_PASSWORD", "house-secret")
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


def test_passwords_do_not_travel_in_clear_to_another_machine(monkeypatch):
    monkeypatch.setenv("RONGDANG_LDAP_URL", "ldap://directory.example")
    with pytest.raises(env.SettingError):
        env.ldap()
