"""What an account may choose for a stage: Datadog, mail of the user pool, new values of its own."""

import json
from typing import Any

import pytest

from app.config import Monitor, Settings
from deploy.template import Template, of_type, problems, references, statements
from tests.deploy.conftest import Packaged

pytestmark = pytest.mark.node

PARAMETER = "DatadogSecret"


def functions(template: Template) -> dict[str, dict[str, Any]]:
    """The functions by their names in serverless.yml."""
    return {
        f["FunctionName"].rpartition("-")[2]: f
        for _, f in of_type(template, "AWS::Lambda::Function")
    }


def readers(template: Template) -> set[str]:
    """The roles that may read secrets, the database's proxy aside."""
    return {
        role
        for role, statement in statements(template)
        if "secretsmanager:GetSecretValue" in statement["Action"] and role != "DatabaseProxyRole"
    }


@pytest.fixture
def plain(packaged: Packaged) -> Template:
    return packaged("prod")


@pytest.fixture
def chosen(packaged: Packaged) -> Template:
    """A stage that has Datadog, whose domain is verified, and whose account has changed."""
    datadog = {"monitoring": "datadog", "datadogSite": "datadoghq.eu"}
    return packaged("prod", **datadog, mailVerified="true", account="2")


def test_without_datadog_nothing_of_it_is_asked_for(plain: Template) -> None:
    assert "datadog" not in json.dumps(plain).lower()
    assert readers(plain) == set()
    for function in functions(plain).values():
        variables = function["Environment"]["Variables"]
        assert not [name for name in variables if name.startswith("DD_")]
        assert Settings.load({"MONITORING": variables["MONITORING"]}).monitoring is Monitor.NONE
        assert not function.get("Layers")


def test_with_datadog_functions_have_the_agent_the_libraries_and_the_key(chosen: Template) -> None:
    assert problems(chosen) == []
    parameter = chosen["Parameters"][PARAMETER]
    assert parameter["Type"] == "AWS::SSM::Parameter::Value<String>"
    assert parameter["Default"] == "/waggle/prod/datadog-secret"
    by_name = functions(chosen)
    # Cognito waits five seconds for it.
    assert by_name.pop("identity")["Layers"] == []
    for function in by_name.values():
        agent, libraries = (layer["Fn::Sub"] for layer in function["Layers"])
        assert ":layer:Datadog-Extension-ARM:" in agent
        # The libraries are compiled for one version of Python and one processor.
        python = function["Runtime"].replace("python", "Python").replace(".", "")
        assert f":layer:Datadog-{python}-ARM:" in libraries
        variables = function["Environment"]["Variables"]
        assert variables["MONITORING"] == "datadog"
        assert variables["DD_API_KEY_SECRET_ARN"] == {"Ref": PARAMETER}
        assert variables["DD_SITE"] == "datadoghq.eu"
        assert (variables["DD_SERVICE"], variables["DD_ENV"]) == ("waggle", "prod")
    assert readers(chosen) == {f"{name.capitalize()}Role" for name in by_name}
    places = [s["Resource"] for _, s in statements(chosen) if PARAMETER in references(s)]
    assert places == [[{"Ref": PARAMETER}]] * len(by_name)


def test_warm_aliases_take_up_what_the_account_has_changed(
    plain: Template, chosen: Template
) -> None:
    """A version is published only if its name is new, and the alias is of a version."""
    before, after = plain["Resources"], chosen["Resources"]
    for name in ("Api", "Identity"):
        assert "account 2" in after[f"{name}LambdaFunction"]["Properties"]["Description"]
        alias = f"{name}ProvConcLambdaAlias"
        versions = [
            set(references(r[alias]["Properties"]["FunctionVersion"])) for r in (before, after)
        ]
        assert versions[0] != versions[1]


@pytest.mark.parametrize(("which", "verified"), [("plain", "false"), ("chosen", "true")])
def test_the_user_pool_sends_from_the_domain_once_that_is_verified(
    request: pytest.FixtureRequest, which: str, verified: str
) -> None:
    template: Template = request.getfixturevalue(which)

    assert template["Conditions"]["IsMailVerified"] == {"Fn::Equals": [verified, "true"]}
    [(_, pool)] = of_type(template, "AWS::Cognito::UserPool")
    condition, ours, cognitos = pool["EmailConfiguration"]["Fn::If"]
    assert condition == "IsMailVerified"
    assert ours["EmailSendingAccount"] == "DEVELOPER"
    assert ours["SourceArn"]["Fn::Sub"].endswith(":identity/${MailDomain}")
    assert cognitos == {"EmailSendingAccount": "COGNITO_DEFAULT"}


def test_what_has_a_name_is_kept_for_good_only_once_a_deployment_succeeded(plain: Template) -> None:
    """What a failed one left behind would be in the way of the next, by its name."""
    kept = {
        name: resource["DeletionPolicy"]
        for name, resource in plain["Resources"].items()
        if {"BucketName", "EmailIdentity"} & resource["Properties"].keys()
    }
    assert kept == {"Files": "RetainExceptOnCreate", "MailIdentity": "RetainExceptOnCreate"}
