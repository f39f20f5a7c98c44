"""What the operator of a checking counter reads: ``/healthz`` and ``/metrics``. Never who checked what."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from passport.typed_code import new_code
from tests.town import DAY, NOON, Town
from tests.verifier.serving import Clock, Shelf, put
from verifier import Reason
from verifier.codes import CodeAnswer
from verifier.schemes import Schemes
from verifier.sources import Documents, SourceError
from verifier.web.app import create_app
from verifier.web.settings import CheckingSettings

SECRET = "a-secret-that-is-long-enough"
BEARER = {"Authorization": f"Bearer {SECRET}"}


class Operated:
    """A counter over two schemes, with everything that a test turns."""

    def __init__(self) -> None:
        self.clock, self.shelf = Clock(), Shelf()
        self.towns = [Town.make(), Town.make(url="https://entreprises.example")]
        for town in self.towns:
            put(self.shelf, town)
        self.schemes = Schemes([Documents(self.shelf, town.pin, self.clock) for town in self.towns])
        self.answer: CodeAnswer | None = CodeAnswer()

    def look_up(self, code: str, network: str) -> CodeAnswer:
        if self.answer is None:
            raise SourceError("nobody answers")
        return self.answer

    def app(self, *, secret: str = SECRET) -> object:
        settings = CheckingSettings(metrics_secret=secret)
        return create_app(settings, documents=self.schemes, codes=self.look_up, clock=self.clock)


@pytest.fixture
def operated() -> Operated:
    return Operated()


@pytest.fixture
def client(operated: Operated) -> Iterator[TestClient]:
    with TestClient(operated.app()) as made:  # type: ignore[arg-type]
        yield made


def samples(client: TestClient) -> dict[str, float]:
    answer = client.get("/metrics", headers=BEARER)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return {
        f"{one.name}{sorted(one.labels.items())}": one.value
        for family in text_string_to_metric_families(answer.text)
        for one in family.samples
    }


def name_of(name: str, **labels: str) -> str:
    return f"{name}{sorted(labels.items())}"


# Health.


def test_healthy_once_every_scheme_is_known(operated: Operated, client: TestClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["trust"]) == (503, "missing")
    assert [reason["code"] for reason in answer.json()["reasons"]] == ["trust_missing"] * 2
    operated.schemes.trust()
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["status"], answer.json()["trust"]) == (200, "ok", "fresh")
    assert [one["scheme"] for one in answer.json()["schemes"]] == [t.scheme.url for t in operated.towns]
    assert answer.json()["schemes"][0]["refreshed_at"] == NOON


def test_red_when_trust_is_stale_and_it_says_which(operated: Operated, client: TestClient) -> None:
    operated.schemes.trust()
    for url in [url for url in operated.shelf.documents if "entreprises" in url]:
        del operated.shelf.documents[url]
    operated.clock.at = NOON + 8 * DAY
    operated.towns[0].at, operated.towns[0].version = NOON + 8 * DAY, 2
    put(operated.shelf, operated.towns[0])
    operated.schemes.trust()
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["status"]) == (503, "down")
    reasons = answer.json()["reasons"]
    assert {reason["scheme"] for reason in reasons} == {"https://entreprises.example"}
    assert reasons[0]["code"] == "trust_stale"


def test_a_failure_is_a_warning_for_an_hour_and_red_after(operated: Operated, client: TestClient) -> None:
    operated.schemes.trust()
    operated.shelf.down = True
    for minutes, status, code in ((10, "warning", 200), (60, "warning", 200), (75, "down", 503)):
        operated.clock.at = NOON + minutes * 60
        operated.schemes.trust()
        answer = client.get("/healthz")
        assert (answer.status_code, answer.json()["status"]) == (code, status), minutes
        assert {reason["code"] for reason in answer.json()["reasons"]} == {"not_refreshed"}
        assert "source_unavailable" in answer.json()["reasons"][0]["detail"]
    operated.shelf.down = False
    operated.clock.at += 60
    operated.schemes.trust()
    assert client.get("/healthz").json()["status"] == "ok"


def test_red_when_now_is_two_days_old_though_it_is_served(operated: Operated, client: TestClient) -> None:
    operated.clock.at = NOON + 2 * DAY
    operated.schemes.trust()
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert {reason["code"] for reason in answer.json()["reasons"]} == {"now_overdue"}


def test_old_status_lists_in_use_are_a_warning(operated: Operated, client: TestClient) -> None:
    operated.schemes.trust()
    operated.clock.at = NOON + DAY
    report = operated.schemes.check(operated.towns[0].issue())
    assert report.reason is Reason.STATUS_STALE
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["status"]) == (200, "warning")
    assert [reason["code"] for reason in answer.json()["reasons"]] == ["status_old"]


# Metrics.


@pytest.mark.parametrize(
    "shown",
    ["", SECRET, f"Basic {SECRET}", f"Bearer {SECRET}x", f"bearer {SECRET}", "Bearer ", "Bearer é"],
)
def test_metrics_are_for_who_shows_the_secret(client: TestClient, shown: str) -> None:
    answer = client.get("/metrics", headers=[(b"Authorization", shown.encode())] if shown else [])
    assert (answer.status_code, answer.text) == (401, "")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("shown", [{}, BEARER, {"Authorization": "Bearer "}])
def test_without_a_secret_there_are_no_metrics(operated: Operated, shown: dict[str, str]) -> None:
    with TestClient(operated.app(secret=""), client=("127.0.0.1", 5)) as client:  # type: ignore[arg-type]
        assert client.get("/metrics", headers=shown).status_code == 404


def test_checks_are_counted_by_their_reason(operated: Operated, client: TestClient) -> None:
    valid = name_of("passport_checks_total", verdict="valid", reason="valid")
    broken = name_of("passport_checks_total", verdict="invalid", reason="malformed")
    assert (samples(client)[valid], samples(client)[broken]) == (0, 0)
    token = operated.towns[0].issue().decode()
    for given in (token, token, "nonsense", token[:-20]):
        client.post("/api/v1/verify", json={"credential": given})
    client.post("/v", data={"paste": token})
    told = samples(client)
    assert (told[valid], told[broken]) == (3, 2)
    assert told[name_of("passport_check_seconds_count")] == 5
    assert len([one for one in told if one.startswith("passport_checks_total")]) == len(Reason)


def test_the_documents_are_measured_by_scheme_and_kind(operated: Operated, client: TestClient) -> None:
    town = operated.towns[1]
    operated.schemes.check(town.issue())
    operated.clock.at = NOON + 9 * DAY
    operated.shelf.down = True
    operated.schemes.check(town.issue())
    told, scheme = samples(client), town.scheme.url
    for kind, age, fresh in (("list", 10 * DAY, 1), ("now", 9 * DAY + 3600, 0), ("status", 9 * DAY + 600, 0)):
        assert told[name_of("passport_document_age_seconds", scheme=scheme, kind=kind)] == age
        assert told[name_of("passport_document_fresh", scheme=scheme, kind=kind)] == fresh
    assert told[name_of("passport_refresh_age_seconds", scheme=scheme)] == 9 * DAY
    failed = {"scheme": scheme, "code": "source_unavailable"}
    assert told[name_of("passport_fetch_failures_total", kind="now", **failed)] >= 1
    assert told[name_of("passport_fetch_failures_total", kind="status", **failed)] >= 1


def test_look_ups_are_counted_by_what_came_of_them(operated: Operated, client: TestClient) -> None:
    token = operated.towns[0].issue()
    for answer in (CodeAnswer(token=token), CodeAnswer(), CodeAnswer(wait_seconds=60), None):
        operated.answer = answer
        client.post("/api/v1/codes", json={"code": new_code()})
    told = samples(client)
    for outcome in ("found", "not_found", "too_many", "unavailable"):
        assert told[name_of("passport_code_lookups_total", outcome=outcome)] == 1


def test_no_label_and_no_log_line_holds_what_was_handed_over(
    operated: Operated, client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    town, code = operated.towns[0], new_code()
    token = town.issue().decode()
    with caplog.at_level("INFO"):
        for path in (f"/v?token={token}", f"/{code}", f"/api/v1/verify?x={code}", "/healthz"):
            client.get(path)
        client.post("/api/v1/verify", json={"credential": token})
        client.post("/v", data={"code": code, "paste": "Zoé L’Hévéder"})
        client.post("/api/v1/codes", json={"code": code})
        text = client.get("/metrics", headers=BEARER).text
    handed = (token, token[:40], code, "Zo", "Hévéder", "testclient", "marmiers")
    lines = [record.getMessage() for record in caplog.records if not record.name.startswith("httpx")]
    assert len(lines) >= 8
    for said in (text, "".join(lines)):
        assert not [one for one in handed if one in said]
    labels = set(re.findall(r'[{,]([a-z_]+)="', text))
    assert labels == {"verdict", "reason", "outcome", "scheme", "kind", "le"}


def test_two_applications_do_not_share_a_registry(operated: Operated, client: TestClient) -> None:
    valid = name_of("passport_checks_total", verdict="valid", reason="valid")
    other = Operated()
    with TestClient(other.app()) as beside:  # type: ignore[arg-type]
        other.schemes.check(other.towns[0].issue())
        assert (samples(beside)[valid], samples(client)[valid]) == (1, 0)
