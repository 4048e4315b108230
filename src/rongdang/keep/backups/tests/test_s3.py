"""The target in a bucket, against a real object store on the loopback."""

import json
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rongdang.base.errors import DomainError
from rongdang.keep.backups import backing_up
from rongdang.keep.backups.targets.s3 import AT_ONCE, S3Target, require_safe_endpoint
from rongdang.keep.objects import services as objects

pytestmark = pytest.mark.django_db
KEYS = {"key": "rongdang", "secret": "a-secret-of-tests"}


def free_ports(count):
    doors = [socket.socket() for _ in range(count)]
    for door in doors:
        door.bind(("127.0.0.1", 0))
    numbers = [door.getsockname()[1] for door in doors]
    for door in doors:
        door.close()
    return numbers


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """SeaweedFS from its wheel; its address."""
    weed = Path(sys.executable).with_name("weed")
    folder = tmp_path_factory.mktemp("weed")
    actions = ["Admin", "Read", "Write", "List"]
    told = {
        "identities": [
            {
                "name": "r",
                "credentials": [{"accessKey": KEYS["key"], "secretKey": KEYS["secret"]}],
                "actions": actions,
            }
        ]
    }
    (folder / "s3.json").write_text(json.dumps(told))
    names = (
        "master.port",
        "master.port.grpc",
        "volume.port",
        "volume.port.grpc",
        "filer.port",
        "filer.port.grpc",
        "s3.port",
        "s3.port.grpc",
    )
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    command = [
        weed,
        "server",
        f"-dir={folder}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        "-s3",
        f"-s3.config={folder / 's3.json'}",
        "-volume.max=20",
        "-master.volumeSizeLimitMB=32",
    ]
    command += [f"-{name}={port}" for name, port in ports.items()]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            command, stdout=log, stderr=log, env={"OMP_NUM_THREADS": "1", "HOME": str(folder)}
        )
    address = f"http://127.0.0.1:{ports['s3.port']}"
    try:
        wait_until_it_answers(address, server, folder / "log")
        yield address
    finally:
        server.kill()  # its polite end takes half a minute
        server.wait(timeout=60)
        shutil.rmtree(folder, ignore_errors=True)


def wait_until_it_answers(address, server, log):
    """It is ready when it takes a file."""
    for attempt in range(120):
        if server.poll() is not None:
            pytest.fail(log.read_text()[-2000:])
        try:
            target = open_bucket(address, "s3://rongdang-copies/ready")
            target.add(f"ready-{attempt}", [b"x"])
            target.flush()
            return
        except DomainError:
            time.sleep(0.5)
    pytest.fail(log.read_text()[-2000:])


def open_bucket(address, url, *, append_only=True):
    return S3Target(
        url, append_only=append_only, endpoint=address, region="us-east-1", loopback=True, **KEYS
    )


def test_a_house_goes_into_a_bucket_and_comes_back(house, store):
    url = f"s3://rongdang-copies/{house.root.name}"
    stored = house.put(5, 60_000)
    name = house.settings.SEALED_ROOT / "abc" / "urn%3auuid%3a1" / "v1" / "容 卷~1.zip.rde"
    name.parent.mkdir(parents=True)
    name.write_bytes(b"sealed" * 7000)
    target = open_bucket(store, url)
    assert house.back_up(target).result["new_parts"] == 6
    assert house.back_up(open_bucket(store, url)).result["new_parts"] == 0
    done = house.restore(house.root / "again", target=open_bucket(store, url))
    assert done.objects_read == 5 and not done.left_out
    back = house.root / "again" / "sealed" / name.relative_to(house.settings.SEALED_ROOT)
    assert back.read_bytes() == name.read_bytes()
    assert (
        house.file(stored[0]).read_bytes()
        == (house.root / "again" / "objects" / objects.key_of(stored[0].pk)).read_bytes()
    )


def test_nothing_is_overwritten_or_removed_where_it_is_append_only(store):
    target = open_bucket(store, "s3://rongdang-copies/once")
    for _ in range(2):
        target.add("objects/a", [b"first"])
        try:
            target.flush()
        except DomainError as error:
            assert error.code == "exists"
    with pytest.raises(DomainError) as told:
        target.remove("objects/a")
    assert told.value.code == "append-only"
    with target.open("objects/a") as file:
        assert file.read() == b"first"
    with pytest.raises(DomainError) as gone:
        target.open("objects/b")
    assert gone.value.code == "part-missing"
    free = open_bucket(store, "s3://rongdang-copies/once", append_only=False)
    free.remove("objects/a")
    assert free.sizes("objects/") == {}


def test_a_long_file_goes_up_in_parts(store):
    target = open_bucket(store, "s3://rongdang-copies/long")
    data = bytes(range(256)) * 4096 * 40
    assert len(data) > AT_ONCE
    target.add(
        "copies/x/database.age", (data[n : n + 300_000] for n in range(0, len(data), 300_000))
    )
    target.flush()
    assert target.sizes("copies/") == {"copies/x/database.age": len(data)}
    with target.open("copies/x/database.age") as file:
        assert file.read() == data


def test_a_wrong_account_is_refused_in_words_and_the_house_goes_on(house, store):
    house.put(1)
    wrong = {"key": "rongdang", "secret": "another"}
    target = S3Target(
        "s3://rongdang-copies/w",
        append_only=True,
        endpoint=store,
        region="us-east-1",
        loopback=True,
        **wrong,
    )
    with pytest.raises(DomainError) as told:
        backing_up.back_up(target, recipients=house.recipients)
    assert told.value.code == "s3-failed" and "another" not in str(told.value)
    assert house.back_up().state == "done"


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/latest",
        "https://127.0.0.1:9",
        "file:///etc",
        "http://[::1]:1",
        "ftp://x",
        "https://0.0.0.0",
    ],
)
def test_an_address_that_is_no_object_store_is_refused_before_any_connection(address):
    with pytest.raises(DomainError) as told:
        require_safe_endpoint(address, loopback=False)
    assert told.value.code == "s3-address"
