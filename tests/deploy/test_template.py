"""What CloudFormation would receive, point by point."""

import copy
import json
from typing import Any

import pytest

from app.jobs import JOBS
from deploy.template import Template, of_type, problems, references, statements
from tests.deploy.conftest import Packaged

pytestmark = pytest.mark.node

STAGES = ("dev", "staging", "prod")


def functions(template: Template) -> dict[str, dict[str, Any]]:
    """The functions by their names in serverless.yml."""
    return {
        f["FunctionName"].rpartition("-")[2]: f
        for _, f in of_type(template, "AWS::Lambda::Function")
    }


def one(template: Template, kind: str) -> dict[str, Any]:
    [(_, properties)] = of_type(template, kind)
    return properties


def invoked_by(template: Template, principal: str) -> list[dict[str, Any]]:
    permissions = of_type(template, "AWS::Lambda::Permission")
    return [p for _, p in permissions if p["Principal"] == principal]


def arn(name: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [name, "Arn"]}


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_can_be_deployed(packaged: Packaged, stage: str) -> None:
    template = packaged(stage)

    assert problems(template) == []
    assert {f["Runtime"] for f in functions(template).values()} == {"python3.13"}


def test_requests_reach_the_alias_of_api_and_no_more_than_it_can_take(packaged: Packaged) -> None:
    template = packaged("prod")

    routes = {r["RouteKey"] for _, r in of_type(template, "AWS::ApiGatewayV2::Route")}
    assert routes == {"ANY /graphql", "$default"}
    integration = one(template, "AWS::ApiGatewayV2::Integration")
    assert integration["PayloadFormatVersion"] == "2.0"
    alias = {"Fn::Join": [":", [arn("ApiLambdaFunction"), "provisioned"]]}
    assert integration["IntegrationUri"] == alias
    settings = one(template, "AWS::ApiGatewayV2::Stage")["DefaultRouteSettings"]
    assert settings["ThrottlingRateLimit"] == 1000
    assert settings["ThrottlingBurstLimit"] == 2000
    [permission] = invoked_by(template, "apigateway.amazonaws.com")
    assert permission["FunctionName"] == alias


@pytest.mark.parametrize(
    ("stage", "least", "most"), [("dev", 1, 2), ("staging", 1, 5), ("prod", 2, 50)]
)
def test_warm_environments_follow_how_busy_they_are(
    packaged: Packaged, stage: str, least: int, most: int
) -> None:
    template = packaged(stage)

    alias = template["Resources"]["ApiProvConcLambdaAlias"]["Properties"]
    assert alias["ProvisionedConcurrencyConfig"] == {"ProvisionedConcurrentExecutions": least}
    target = one(template, "AWS::ApplicationAutoScaling::ScalableTarget")
    assert target["ResourceId"] == f"function:waggle-{stage}-api:{alias['Name']}"
    assert target["ScalableDimension"] == "lambda:function:ProvisionedConcurrency"
    assert (target["MinCapacity"], target["MaxCapacity"]) == (least, most)
    policy = one(template, "AWS::ApplicationAutoScaling::ScalingPolicy")
    assert policy["PolicyType"] == "TargetTrackingScaling"
    assert policy["ScalingTargetId"] == {"Ref": "ApiWarm"}
    tracked = policy["TargetTrackingScalingPolicyConfiguration"]
    assert tracked["TargetValue"] == 0.7
    metric = tracked["PredefinedMetricSpecification"]["PredefinedMetricType"]
    assert metric == "LambdaProvisionedConcurrencyUtilization"


def test_the_proxy_takes_tokens_over_tls_only(packaged: Packaged) -> None:
    template = packaged("prod")

    proxy = one(template, "AWS::RDS::DBProxy")
    assert proxy["RequireTLS"] is True
    [auth] = proxy["Auth"]
    assert auth["IAMAuth"] == "REQUIRED"
    assert auth["SecretArn"] == {"Ref": "DatabaseSecret"}
    targets = one(template, "AWS::RDS::DBProxyTargetGroup")
    assert targets["DBClusterIdentifiers"] == [{"Ref": "DatabaseCluster"}]
    [secret] = [s for name, s in statements(template) if name == "DatabaseProxyRole"]
    assert secret["Action"] == "secretsmanager:GetSecretValue"
    assert secret["Resource"] == {"Ref": "DatabaseSecret"}
    for function in functions(template).values():
        variables = function["Environment"]["Variables"]
        assert "${DatabaseProxy.Endpoint}" in variables["DATABASE_URL"]["Fn::Sub"]
        assert variables["DATABASE_IAM_REGION"] == {"Ref": "AWS::Region"}
        assert "Subnets" in set(references(function["VpcConfig"]))


def test_reads_go_to_replicas_where_the_stage_has_some(packaged: Packaged) -> None:
    template = packaged("prod")

    assert template["Conditions"]["HasReplicas"] == {"Fn::Equals": ["false", "true"]}
    assert template["Resources"]["DatabaseReader"]["Condition"] == "HasReplicas"
    assert one(template, "AWS::RDS::DBProxyEndpoint")["TargetRole"] == "READ_ONLY"
    url = functions(template)["api"]["Environment"]["Variables"]["DATABASE_READ_URL"]
    assert url["Fn::If"][0] == "HasReplicas"


@pytest.mark.parametrize(
    ("stage", "called"),
    [("dev", arn("IdentityLambdaFunction")), ("prod", {"Ref": "IdentityProvConcLambdaAlias"})],
)
def test_the_user_pool_asks_the_site(packaged: Packaged, stage: str, called: Any) -> None:
    template = packaged(stage)

    pool = one(template, "AWS::Cognito::UserPool")
    assert pool["LambdaConfig"] == {
        "UserMigration": called,
        "PostConfirmation": called,
        "PreTokenGenerationConfig": {"LambdaArn": called, "LambdaVersion": "V2_0"},
    }
    assert pool["DeletionProtection"] == "ACTIVE"
    [permission] = invoked_by(template, "cognito-idp.amazonaws.com")
    assert permission["FunctionName"] == called
    assert permission["SourceArn"] == arn("UserPool")
    client = one(template, "AWS::Cognito::UserPoolClient")
    assert "ALLOW_USER_PASSWORD_AUTH" in client["ExplicitAuthFlows"]
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    variables = functions(template)["api"]["Environment"]["Variables"]
    assert variables["COGNITO_USER_POOL_ID"] == {"Ref": "UserPool"}
    assert variables["COGNITO_CLIENT_IDS"] == {"Ref": "UserPoolClient"}


def test_files_are_private_and_pictures_are_scaled_when_they_come(packaged: Packaged) -> None:
    template = packaged("prod")

    bucket = template["Resources"]["Files"]["Properties"]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert {r["Status"] for r in bucket["LifecycleConfiguration"]["Rules"]} == {"Enabled"}
    [cors] = bucket["CorsConfiguration"]["CorsRules"]
    assert cors["AllowedMethods"] == ["POST"]
    assert cors["AllowedOrigins"] == {"Fn::Split": [",", "https://www.example.org"]}
    [event] = bucket["NotificationConfiguration"]["LambdaConfigurations"]
    assert event["Event"] == "s3:ObjectCreated:*"
    assert event["Function"] == arn("ThumbnailsLambdaFunction")
    assert event["Filter"]["S3Key"]["Rules"] == [{"Name": "prefix", "Value": "blobs/"}]
    [permission] = invoked_by(template, "s3.amazonaws.com")
    assert permission["FunctionName"] == arn("ThumbnailsLambdaFunction")
    assert permission["SourceAccount"] == {"Ref": "AWS::AccountId"}
    # The bucket, who may invoke, and what functions are told, name the same one.
    named = bucket["BucketName"]["Fn::Sub"]
    assert permission["SourceArn"]["Fn::Sub"].endswith(f":::{named}")
    storage = functions(template)["api"]["Environment"]["Variables"]["STORAGE_URL"]
    assert storage["Fn::Sub"].startswith(f"s3://{named}?")


def test_mail_that_comes_back_reaches_its_job(packaged: Packaged) -> None:
    template = packaged("prod")

    assert one(template, "AWS::SES::EmailIdentity")["EmailIdentity"] == {"Ref": "MailDomain"}
    configuration = one(template, "AWS::SES::ConfigurationSet")["Name"]
    mail_url = functions(template)["outbox"]["Environment"]["Variables"]["MAIL_URL"]["Fn::Sub"]
    assert mail_url.endswith(f"configuration_set={configuration}")
    destination = one(template, "AWS::SES::ConfigurationSetEventDestination")["EventDestination"]
    assert destination["MatchingEventTypes"] == ["bounce", "complaint"]
    assert destination["SnsDestination"] == {"TopicARN": {"Ref": "MailTopic"}}
    subscription = one(template, "AWS::SNS::Subscription")
    assert subscription["TopicArn"] == {"Ref": "MailTopic"}
    assert subscription["Endpoint"] == arn("BouncesLambdaFunction")
    [permission] = invoked_by(template, "sns.amazonaws.com")
    assert permission["FunctionName"] == arn("BouncesLambdaFunction")


def test_jobs_run_when_the_worker_would_run_them(packaged: Packaged) -> None:
    template = packaged("prod")
    by_name = functions(template)

    rules = {
        rule["Targets"][0]["Arn"]["Fn::GetAtt"][0]: rule["ScheduleExpression"]
        for _, rule in of_type(template, "AWS::Events::Rule")
    }
    expected = {
        f"{name.capitalize()}LambdaFunction": job.schedule.expression
        for name, job in JOBS.items()
        if job.schedule is not None
    }
    assert rules == expected
    called = {
        p["FunctionName"]["Fn::GetAtt"][0] for p in invoked_by(template, "events.amazonaws.com")
    }
    assert called == expected.keys()
    for name, function in by_name.items():
        assert function["Environment"]["Variables"].get("JOB", name) == name
        assert name in JOBS or name in ("api", "identity")


def test_events_that_nobody_could_work_on_are_kept_and_told_of(packaged: Packaged) -> None:
    template = packaged("prod")

    kept = {
        config["FunctionName"]["Ref"].removesuffix("LambdaFunction").lower(): config[
            "DestinationConfig"
        ]["OnFailure"]["Destination"]["Fn::GetAtt"][0]
        for _, config in of_type(template, "AWS::Lambda::EventInvokeConfig")
    }
    assert kept.keys() == functions(template).keys() - {"api", "identity"}
    for name, queue in kept.items():
        role = f"{name.capitalize()}Role"
        sends = [
            s for r, s in statements(template) if r == role and "sqs:SendMessage" in s["Action"]
        ]
        assert [s["Resource"] for s in sends] == [[arn(queue)]]
    alarms = [properties for _, properties in of_type(template, "AWS::CloudWatch::Alarm")]
    assert all(alarm["AlarmActions"] == [{"Ref": "Alarms"}] for alarm in alarms)
    watched = {str(d["Value"]) for alarm in alarms for d in alarm["Dimensions"]}
    for queue in set(kept.values()):
        assert str({"Fn::GetAtt": [queue, "QueueName"]}) in watched
    for name in functions(template):
        assert f"waggle-prod-{name}" in watched


def test_each_function_may_do_what_it_does_and_no_more(packaged: Packaged) -> None:
    template = packaged("prod")

    everywhere = {"logs:CreateLogStream", "logs:PutLogEvents", "rds-db:connect", "sqs:SendMessage"}
    allowed: dict[str, set[str]] = {}
    for role, statement in statements(template):
        text = json.dumps(statement["Resource"])
        if statement["Effect"] == "Deny" or text == '["*"]':
            assert all(action.startswith("ec2:") for action in statement["Action"])
            continue
        # A star stands for the names of log streams and objects only, behind what is ours.
        stars = text.replace("/thumbnails/*", "").replace("${AWS::AccountId}/*", "")
        assert "*" not in stars.replace(f"-{role.removesuffix('Role').lower()}:*", "")
        allowed.setdefault(role, set()).update(set(statement["Action"]) - everywhere)
    del allowed["DatabaseProxyRole"]
    assert {role: actions for role, actions in allowed.items() if actions} == {
        "ApiRole": {"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"},
        "ThumbnailsRole": {"s3:GetObject", "s3:PutObject", "s3:ListBucket"},
        "CleanupRole": {"s3:GetObject", "s3:DeleteObject", "s3:ListBucket"},
        "OutboxRole": {"ses:SendEmail", "ses:SendRawEmail"},
    }


def spoil_reference(template: Template) -> None:
    template["Resources"]["FilesPolicy"]["Properties"]["Bucket"] = {"Ref": "Fils"}


def spoil_condition(template: Template) -> None:
    template["Resources"]["DatabaseReader"]["Condition"] = "HasReplica"


def spoil_order(template: Template) -> None:
    template["Resources"]["ThumbnailsRole"]["DependsOn"] = "Files"


def spoil_rights(template: Template) -> None:
    role = template["Resources"]["ApiRole"]["Properties"]
    role["Policies"][0]["PolicyDocument"]["Statement"].append(
        {"Effect": "Allow", "Action": ["s3:*"], "Resource": ["*"]}
    )


def spoil_password(template: Template) -> None:
    function = template["Resources"]["ApiLambdaFunction"]["Properties"]
    function["Environment"]["Variables"]["DATABASE_URL"] = "mysql+aiomysql://u:secret@host/x"


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (spoil_reference, "FilesPolicy refers to Fils"),
        (spoil_condition, "depends on the condition HasReplica"),
        (spoil_order, "wait for each other"),
        (spoil_rights, "ApiRole may do s3:*"),
        (spoil_password, "ApiLambdaFunction has a password"),
    ],
)
def test_what_should_not_be_deployed_is_named(packaged: Packaged, spoil: Any, told: str) -> None:
    template = copy.deepcopy(packaged("dev"))

    spoil(template)

    assert any(told in problem for problem in problems(template))
