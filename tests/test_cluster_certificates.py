"""`--dask tls://...` with the certificates of docs/cluster.md, and what is said where they do not serve."""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autograder.course import CourseError
from autograder.grading.defaults import LIMITS
from autograder.grading.protocol import Start
from tests import small_course
from tests.small_course import NAME
from tests.test_cluster import handed_in
from tests.test_cluster_killed import ROOT, scheduler

TLS = "distributed.comm.tls"
NOWHERE = "tls://127.0.0.1:9"
NEXT = (
    "Wanted: three files, from the authority that the scheduler's are from. docs/cluster.md has the commands "
    "(Who may reach the scheduler)."
)


@pytest.fixture(autouse=True)
def _dask() -> None:
    pytest.importorskip("distributed", reason="Dask is not installed (the extra `dask`)")
    pytest.importorskip("cryptography", reason="cryptography is not installed (the extra `dask`)")


def refused(tmp_path: Path, address: str, **settings: Any) -> str:
    """What is said of an address with these settings of `distributed.comm`."""
    import dask

    from autograder.cluster.supervisor import ClusterSupervisor

    assignment, _ = handed_in(tmp_path / "course", {})
    with dask.config.set(settings), pytest.raises(CourseError) as caught:
        ClusterSupervisor(address, Start(assignment, "none", LIMITS)).close()
    return str(caught.value)


def client_of(folder: Path) -> dict[str, Any]:
    """The client's settings, with the files of a folder."""
    return {
        f"{TLS}.ca-file": str(folder / "ca.pem"),
        f"{TLS}.client.cert": str(folder / "node.pem"),
        f"{TLS}.client.key": str(folder / "node.key"),
    }


def test_without_certificates_one_sentence_says_what_to_set(tmp_path: Path) -> None:
    assert refused(tmp_path, NOWHERE) == (
        f"--dask {NOWHERE}: Dask's configuration has no certificates for the client. Set in "
        f"{TLS}: ca-file not set, client.cert not set, client.key not set. {NEXT}"
    )


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    settings = client_of(tmp_path)
    ca, cert, key = settings.values()
    assert refused(tmp_path, NOWHERE, **settings) == (
        f"--dask {NOWHERE}: the certificates of Dask's configuration cannot be used ([Errno 2] No such file "
        f"or directory). Set in {TLS}: ca-file {ca!r}, client.cert {cert!r}, client.key {key!r}. {NEXT}"
    )


def test_a_file_that_is_no_certificate_is_told_and_no_key_is_shown(tmp_path: Path) -> None:
    write_certificates(tmp_path)
    settings = client_of(tmp_path) | {f"{TLS}.client.key": "secret\nof the node\n"}
    told = refused(tmp_path, NOWHERE, **settings)
    assert told.startswith(f"--dask {NOWHERE}: the certificates of Dask's configuration cannot be used (")
    assert told.endswith(f"client.key (its text). {NEXT}")
    assert "secret" not in told


def test_an_address_without_encryption_is_refused_where_the_configuration_requires_it(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"distributed.comm.require-encryption": True}
    assert refused(tmp_path, "tcp://127.0.0.1:9", **settings) == (
        "--dask tcp://127.0.0.1:9: Dask's configuration requires encryption, and this address has none. "
        "Name tls://HOST:PORT."
    )


@pytest.mark.slow
def test_a_class_is_graded_by_a_scheduler_with_the_certificates_of_the_docs(tmp_path: Path) -> None:
    course = small_course.make_course(tmp_path / "course")
    small_course.hand_in(course, "ada")
    ours, others = tmp_path / "ours", tmp_path / "others"
    for folder in (ours, others):
        write_certificates(folder)
    settings = {"DASK_CONFIG": str(ours)}
    with scheduler(tmp_path / "cluster", "tls", **settings) as (address, _):
        assert address.startswith("tls://127.0.0.1:")
        report = tmp_path / "results.json"
        program = [sys.executable, "-m", "autograder", "grade", NAME, "--course", str(course.root)]
        program += ["--isolation", "none", "--dask", address, "--json", str(report)]
        subprocess.run(program, cwd=ROOT, env=dict(os.environ) | settings, stdout=-3, check=True)
        trusts_others = client_of(ours) | {f"{TLS}.ca-file": str(others / "ca.pem")}
        is_others = client_of(others) | {f"{TLS}.ca-file": str(ours / "ca.pem")}
        for number, wrong in enumerate((trusts_others, is_others)):
            told = refused(tmp_path / str(number), address, **wrong)
            assert told.startswith(
                f"--dask {address}: scheduler and coordinator do not accept each other's certificates, or "
                "the scheduler has just ended ("
            )
            assert told.endswith(NEXT)
    [result] = json.loads(report.read_text(encoding="utf-8"))["submissions"]
    assert (result["student"], result["status"], result["score"]) == ("ada", "graded", 15.0)


def write_certificates(folder: Path) -> None:
    """An authority, a node's certificate and key, and the settings of docs/cluster.md that name them."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    def certificate(subject: str, key: Any) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        made = x509.CertificateBuilder().subject_name(name(subject)).issuer_name(name("grading"))
        made = made.public_key(key.public_key()).serial_number(x509.random_serial_number())
        made = made.not_valid_before(now - datetime.timedelta(days=1))
        made = made.not_valid_after(now + datetime.timedelta(days=1))
        is_authority = x509.BasicConstraints(ca=subject == "grading", path_length=None)
        return made.add_extension(is_authority, critical=True).sign(authority, hashes.SHA256())

    folder.mkdir(exist_ok=True)
    authority, node = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(certificate("grading", authority).public_bytes(pem))
    (folder / "node.pem").write_bytes(certificate("node", node).public_bytes(pem))
    key = node.private_bytes(
        pem, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    (folder / "node.key").write_bytes(key)
    page = (ROOT / "docs" / "cluster.md").read_text(encoding="utf-8")
    _, _, settings = page.partition("```yaml\ndistributed:")
    settings = "distributed:" + settings.partition("```")[0].replace("/etc/grading", str(folder))
    (folder / "distributed.yaml").write_text(settings, encoding="utf-8")
