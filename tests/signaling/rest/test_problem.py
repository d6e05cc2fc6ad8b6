"""How it is said that something went wrong."""

import json

from aiohttp import web

from signaling.rest.problem import ProblemError, error_response, http_error_response


def body_of(response: web.Response) -> dict[str, str]:
    assert isinstance(response.body, bytes)
    assert response.content_type == "application/json"
    error: dict[str, str] = json.loads(response.body)["error"]
    return error


def test_a_problem_is_an_answer() -> None:
    """A code for programs, a sentence for people; nothing to be cached."""
    answer = ProblemError(409, "room_exists", "there is one already").answer()
    assert answer.status == 409
    assert body_of(answer) == {"code": "room_exists", "message": "there is one already"}
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Retry-After" not in answer.headers


def test_not_now_says_when() -> None:
    """In whole seconds, at least one."""
    assert ProblemError(503, "draining", "").answer().headers["Retry-After"] == "2"
    assert ProblemError(429, "slow_down", "", retry_after_s=0.1).answer().headers["Retry-After"] == "1"


def test_aiohttps_refusals_are_said_in_our_way() -> None:
    """With the headers that clients need, and the words that there are."""
    answer = http_error_response(web.HTTPMethodNotAllowed("PUT", ["GET", "POST"]))
    assert body_of(answer)["code"] == "method_not_allowed"
    assert answer.headers["Allow"] == "GET,POST"
    assert body_of(http_error_response(web.HTTPForbidden(text="not you")))["message"] == "not you"
    assert body_of(http_error_response(web.HTTPNotFound())) == {"code": "not_found", "message": "not found"}
    assert http_error_response(web.HTTPServiceUnavailable()).headers["Retry-After"] == "2"
    assert body_of(http_error_response(web.HTTPGone()))["code"] == "failed"


def test_what_is_in_our_shape_already_stays() -> None:
    """Its code says more than a status."""
    text = error_response(401, "api_key_needed", "show one").text
    answer = http_error_response(web.HTTPUnauthorized(text=text, content_type="application/json"))
    assert body_of(answer)["code"] == "api_key_needed"
