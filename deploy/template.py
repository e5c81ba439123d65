"""Looks through a packaged CloudFormation template for what a deployment would stumble over.

    python -m deploy.template var/package/prod/cloudformation-template-update-stack.json

It knows what CloudFormation refuses (names of nothing, circles) and what nobody should deploy:
rights to everything, functions for other processors, doors that are open to the world.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Template = dict[str, Any]

RUNTIME, PROCESSOR = "python3.13", "arm64"
IN_TEXT = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.[A-Za-z0-9.]+)?\}")
UNRESOLVED = re.compile(r"\$\{(?:param|self|sls|opt|env|file)[:(]")
# Conditions that a part of a template depends on. Those of IAM and S3 are objects.
DECIDED = re.compile(r'"(?:Condition": |Fn::If": \[)"(\w+)"')
# Network interfaces have no names before Lambda makes them.
NAMELESS = "ec2:"


def problems(template: Template) -> list[str]:
    """What is wrong, a line each; none if it can be deployed."""
    found = [*_dangling(template), *_undecided(template), *_circle(template)]
    for name, statement in statements(template):
        found += _too_wide(name, statement)
    for name, function in of_type(template, "AWS::Lambda::Function"):
        found += _misbuilt(name, function)
    roles = [str(function["Role"]) for _, function in of_type(template, "AWS::Lambda::Function")]
    if len(set(roles)) < len(roles):
        found.append("functions share a role")
    if UNRESOLVED.search(json.dumps(template)):
        found.append("a variable of serverless.yml was not replaced")
    return found


def of_type(template: Template, kind: str) -> list[tuple[str, dict[str, Any]]]:
    """Names and properties of all resources of a type."""
    resources = template["Resources"].items()
    return [(name, r.get("Properties", {})) for name, r in resources if r["Type"] == kind]


def statements(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    """What roles are allowed and denied, each with the role's name."""
    for name, role in of_type(template, "AWS::IAM::Role"):
        for policy in role.get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                yield name, statement


def references(value: Any) -> Iterator[str]:
    """The names that a part of a template refers to."""
    if isinstance(value, list):
        for item in value:
            yield from references(item)
    if not isinstance(value, dict):
        return
    for key, part in value.items():
        if key == "Ref":
            yield part
        elif key == "Fn::GetAtt":
            yield part[0] if isinstance(part, list) else part.partition(".")[0]
        elif key == "Fn::Sub":
            text, known = part if isinstance(part, list) else (part, {})
            yield from (name for name in IN_TEXT.findall(text) if name not in known)
            yield from references(known)
        else:
            yield from references(part)


def _dangling(template: Template) -> Iterator[str]:
    known = {*template["Resources"], *template.get("Parameters", {})}
    for name, resource in template["Resources"].items():
        for target in {*references(resource), *_awaited(resource)}:
            if target not in known and not target.startswith("AWS::"):
                yield f"{name} refers to {target}, which is nowhere"


def _undecided(template: Template) -> Iterator[str]:
    text = json.dumps(template["Resources"])
    for name in sorted(set(DECIDED.findall(text))):
        if name not in template.get("Conditions", {}):
            yield f"something depends on the condition {name}, which is nowhere"


def _awaited(resource: dict[str, Any]) -> list[str]:
    awaited = resource.get("DependsOn", [])
    return [awaited] if isinstance(awaited, str) else awaited


def _circle(template: Template) -> Iterator[str]:
    """Take away what waits for nothing, until nothing is left or all wait for each other."""
    resources = template["Resources"]
    waiting = {
        name: {*references(resource), *_awaited(resource)} & resources.keys()
        for name, resource in resources.items()
    }
    while ready := [name for name, others in waiting.items() if not others & waiting.keys()]:
        for name in ready:
            del waiting[name]
    if waiting:
        yield f"these wait for each other: {', '.join(sorted(waiting))}"


def _too_wide(name: str, statement: dict[str, Any]) -> Iterator[str]:
    if statement["Effect"] != "Allow":
        return
    actions, places = _listed(statement["Action"]), _listed(statement["Resource"])
    if any("*" in action for action in actions):
        yield f"{name} may do {', '.join(actions)}"
    if "*" in places and not all(action.startswith(NAMELESS) for action in actions):
        yield f"{name} may {', '.join(actions)} everywhere"


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _misbuilt(name: str, function: dict[str, Any]) -> Iterator[str]:
    if function["Runtime"] != RUNTIME or function["Architectures"] != [PROCESSOR]:
        yield f"{name} is not for {RUNTIME} on {PROCESSOR}"
    if "VpcConfig" not in function:
        yield f"{name} is outside of the database's network"
    url = json.dumps(function["Environment"]["Variables"].get("DATABASE_URL", ""))
    if re.search(r"://[^/@\"]*:[^/@\"]*@", url):
        yield f"{name} has a password in its environment"


def main() -> None:
    found = problems(json.loads(Path(sys.argv[1]).read_text()))
    if found:
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main()
