"""The OpenAPI description of the service: what each address takes and gives. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

_TEXT: Schema = {"type": "string"}
_NUMBER_OR_NULL: Schema = {"type": ["number", "null"]}


def _object(**properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


_SCHEMAS: Mapping[str, Schema] = {
    "Error": _object(error=_TEXT),
    "Submission": _object(
        id={"type": "string", "pattern": "^[0-9a-f]{24}$"},
        assignment=_TEXT,
        notebook=_TEXT,
        accepted_at={"type": "string", "format": "date-time"},
        state={"enum": ["waiting", "running", "done"]},
        place={"type": "integer", "minimum": 0, "description": "in the queue, from 1; 0 when it is done"},
        again={"type": "boolean", "description": "the machine was busy: it is graded once more"},
        seconds_left={"type": "number", "minimum": 0, "description": "estimated"},
        tries_left={"type": "integer", "minimum": 0},
        result={"type": "string", "description": "address of the result, relative to this service"},
        feedback={"type": "string", "description": "address of the feedback page, likewise"},
    ),
    "Test": _object(
        name=_TEXT,
        question=_TEXT,
        verdict={"type": "string", "description": "`later`: told after the deadline"},
        message=_TEXT,
        hint=_TEXT,
        score=_NUMBER_OR_NULL,
        max_score={"type": "number"},
    ),
    "Result": _object(
        id=_TEXT,
        assignment=_TEXT,
        status={"enum": ["graded", "rejected", "internal-error"]},
        reason=_TEXT,
        told={"enum": ["visible", "all"], "description": "`visible`: before the deadline"},
        sentence=_TEXT,
        score=_NUMBER_OR_NULL,
        max_score=_NUMBER_OR_NULL,
        tests=_list(_ref("Test")),
    ),
    "Mine": _object(
        name=_TEXT,
        role={"enum": ["student", "instructor"]},
        assignments=_list(
            _object(
                assignment=_TEXT,
                notebook=_TEXT,
                tries_left={"type": "integer"},
                due={
                    "type": ["string", "null"],
                    "format": "date-time",
                    "description": "with the student's extra days; null without a due date",
                },
                is_past_due={"type": "boolean", "description": "what is handed in now is late"},
            )
        ),
        submissions=_list(_ref("Submission")),
    ),
    "Live": _object(
        waiting={"type": "integer"},
        running=_list(_TEXT),
        done={"type": "integer"},
        last_hour={"type": "integer"},
        seconds_each={"type": "number"},
        oldest_wait_s={"type": "number"},
        fault=_TEXT,
        last=_list(
            _object(
                id=_TEXT,
                student=_TEXT,
                assignment=_TEXT,
                finished_at={"type": "string", "format": "date-time"},
                status=_TEXT,
                score=_NUMBER_OR_NULL,
                max_score=_NUMBER_OR_NULL,
                seconds={"type": "number"},
                feedback=_TEXT,
            )
        ),
        attention=_list(_object(id=_TEXT, student=_TEXT, assignment=_TEXT, reason=_TEXT, feedback=_TEXT)),
    ),
    "Health": _object(status={"enum": ["ok", "standing still"]}, waiting={"type": "integer"}, fault=_TEXT),
}


def _json(description: str, schema: str) -> Schema:
    return {"description": description, "content": {"application/json": {"schema": _ref(schema)}}}


def _page(description: str) -> Schema:
    return {"description": description, "content": {"text/html": {"schema": _TEXT}}}


_REFUSED: Mapping[str, Schema] = {
    "400": _json("not as it must be; the text says what is wanted", "Error"),
    "401": _json("no link, or one that has ended", "Error"),
}
_UNKNOWN: Mapping[str, Schema] = {
    "403": _json("the course knows the student by another spelling of the name", "Error"),
    "503": _json("JupyterHub takes long to say who asks", "Error"),
}
_ID: Schema = {
    "name": "id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": "^[0-9a-f]{24}$"},
}
_NOT_THERE = _json("there is none, or it is another's", "Error")
_LATER: Mapping[str, Schema] = {
    "Retry-After": {"description": "seconds", "schema": {"type": "integer", "minimum": 1}}
}


def description(version: str, prefix: str) -> dict[str, Any]:
    """The description as OpenAPI 3.1 has it; `prefix` is the path before all addresses."""
    query = {"in": "query", "schema": _TEXT}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Hand in a notebook",
            "version": version,
            "description": "Takes in notebooks, grades them in a sandbox, and tells what was found.",
        },
        "servers": [{"url": prefix or "/"}],
        "security": [{"link": []}, {"cookie": []}],
        "paths": {
            "/api/session": {
                "post": {
                    "operationId": "openSession",
                    "security": [],
                    "summary": "Give a link's token, get the cookie of the page",
                    "requestBody": {"required": True, "content": {"text/plain": {"schema": _TEXT}}},
                    "responses": {
                        "204": {"description": "the cookie is set"},
                        **_REFUSED,
                        "403": _json("a page of another site asked", "Error"),
                        "408": _json("it did not arrive in time", "Error"),
                        "413": _json("it is no token: too large", "Error"),
                    },
                },
            },
            "/api/submissions": {
                "get": {
                    "operationId": "mine",
                    "summary": "Who I am, what I can hand in, and what I have handed in",
                    "responses": {"200": _json("mine", "Mine"), **_REFUSED, **_UNKNOWN},
                },
                "post": {
                    "operationId": "handIn",
                    "summary": "Hand in a notebook; when this is answered, it is on the disk",
                    "parameters": [
                        {"name": "assignment", "required": True, **query},
                        {
                            "name": "notebook",
                            "description": "without .ipynb; needed where the assignment has several",
                            **query,
                        },
                    ],
                    "requestBody": {
                        "required": True,
                        "content": {"application/x-ipynb+json": {"schema": {"type": "object"}}},
                    },
                    "responses": {
                        "200": _json("the same notebook was accepted before; it costs no try", "Submission"),
                        "201": _json("accepted", "Submission"),
                        **_REFUSED,
                        "403": _json(
                            "all tries are used, or a page of another site asked, or the course knows the "
                            "student by another spelling of the name",
                            "Error",
                        ),
                        "404": _json("there is no such assignment", "Error"),
                        "408": _json("the notebook did not arrive in time", "Error"),
                        "413": _json("the notebook is too large", "Error"),
                        "429": {**_json("too soon, or too many", "Error"), "headers": _LATER},
                        "503": {
                            **_json(
                                "the queue or the disk is full, or too much at once, or JupyterHub is slow",
                                "Error",
                            ),
                            "headers": _LATER,
                        },
                    },
                },
            },
            "/api/submissions/{id}": {
                "parameters": [_ID],
                "get": {
                    "operationId": "submission",
                    "summary": "How far a submission is",
                    "responses": {
                        "200": _json("the submission", "Submission"),
                        **_REFUSED,
                        **_UNKNOWN,
                        "404": _NOT_THERE,
                    },
                },
            },
            "/api/submissions/{id}/result": {
                "parameters": [_ID],
                "get": {
                    "operationId": "result",
                    "summary": "The result; before the deadline what the visible checks found",
                    "responses": {
                        "200": _json("the result", "Result"),
                        "202": _json("not graded yet", "Submission"),
                        **_REFUSED,
                        **_UNKNOWN,
                        "404": _NOT_THERE,
                    },
                },
            },
            "/feedback/{id}": {
                "parameters": [_ID],
                "get": {
                    "operationId": "feedback",
                    "summary": "The feedback page",
                    "responses": {
                        "200": _page("the page"),
                        "202": _page("not graded yet"),
                        "400": _REFUSED["400"],
                        "401": _page("no link, or one that has ended"),
                        "403": _page("the course knows the student by another spelling of the name"),
                        "503": _page("JupyterHub takes long to say who asks"),
                        "404": _page("there is none, or it is another's"),
                    },
                },
            },
            "/api/live": {
                "get": {
                    "operationId": "live",
                    "summary": "For instructors: the queue, the rate, the last results, who needs a person",
                    "responses": {
                        "200": _json("now", "Live"),
                        **_REFUSED,
                        **_UNKNOWN,
                        "403": _json(
                            "for instructors only, or another spelling of a student's name", "Error"
                        ),
                    },
                },
            },
            "/health": {
                "get": {
                    "operationId": "health",
                    "security": [],
                    "summary": "Whether the service grades",
                    "responses": {
                        "200": _json("it does", "Health"),
                        "400": _REFUSED["400"],
                        "503": _json("it stands still", "Health"),
                    },
                },
            },
            "/metrics": {
                "get": {
                    "operationId": "metrics",
                    "security": [],
                    "summary": "Counts and times for Prometheus, without names",
                    "responses": {
                        "200": {"description": "numbers", "content": {"text/plain": {"schema": _TEXT}}},
                        "400": _REFUSED["400"],
                    },
                },
            },
        },
        "components": {
            "schemas": dict(_SCHEMAS),
            "securitySchemes": {
                "link": {"type": "http", "scheme": "bearer", "description": "the part of a link after #"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": "autograder-link"},
            },
        },
    }
