// What somebody is written to about, and where events wait that no function could work on.

const QUEUES = ['ThumbnailsFailed', 'BouncesFailed', 'JobsFailed'];
const JOBS = ['thumbnails', 'bounces', 'outbox', 'ranking', 'cleanup', 'hotness', 'recount', 'digests'];
const FOURTEEN_DAYS = 14 * 24 * 3600;

const capital = (name) => name[0].toUpperCase() + name.slice(1);
const valued = (names) => Object.entries(names).map(([Name, Value]) => ({ Name, Value }));

function alarm(namespace, metric, dimensions, more) {
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      Namespace: namespace,
      MetricName: metric,
      Dimensions: valued(dimensions),
      Statistic: 'Sum',
      Period: 300,
      EvaluationPeriods: 1,
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
      AlarmActions: [{ Ref: 'Alarms' }],
      OKActions: [{ Ref: 'Alarms' }],
      ...more,
    },
  };
}

const ofFunction = (stage, name, metric, more) =>
  alarm('AWS/Lambda', metric, { FunctionName: `waggle-${stage}-${name}` }, more);
const ofApi = (metric, more) => alarm('AWS/ApiGateway', metric, { ApiId: { Ref: 'HttpApi' } }, more);
const ofProxy = (stage, metric, more) =>
  alarm('AWS/RDS', metric, { ProxyName: `waggle-${stage}` }, { Statistic: 'Maximum', ...more });

function queue(stage, name) {
  return {
    Type: 'AWS::SQS::Queue',
    Properties: {
      QueueName: `waggle-${stage}-${name}`,
      MessageRetentionPeriod: FOURTEEN_DAYS,
      SqsManagedSseEnabled: true,
    },
  };
}

function alarms(stage) {
  const made = {
    ApiErrors: ofFunction(stage, 'api', 'Errors', { Threshold: 5 }),
    ApiThrottles: ofFunction(stage, 'api', 'Throttles'),
    ApiCold: ofFunction(stage, 'api', 'ProvisionedConcurrencySpilloverInvocations', {
      Threshold: 50,
      EvaluationPeriods: 3,
    }),
    Api5xx: ofApi('5xx', { Threshold: 5 }),
    // Half of the time after which API Gateway gives up, in milliseconds.
    ApiSlow: ofApi('Latency', {
      Statistic: undefined,
      ExtendedStatistic: 'p95',
      Threshold: 15000,
      EvaluationPeriods: 3,
    }),
    IdentityErrors: ofFunction(stage, 'identity', 'Errors', { Threshold: 20 }),
    // Connections that cannot be shared: long statements make them.
    ProxyPinned: ofProxy(stage, 'DatabaseConnectionsCurrentlySessionPinned', {
      Threshold: 20,
      EvaluationPeriods: 3,
    }),
    ProxyWaiting: ofProxy(stage, 'DatabaseConnectionsBorrowLatency', {
      Statistic: 'Average',
      // In microseconds.
      Threshold: 1000000,
      EvaluationPeriods: 2,
    }),
  };
  for (const name of JOBS) {
    made[`${capital(name)}Errors`] = ofFunction(stage, name, 'Errors', {
      // One failure of a job that comes every minute is nobody's business at night.
      ...(name === 'outbox' ? { Threshold: 3 } : {}),
    });
  }
  for (const name of QUEUES) {
    const dimensions = { QueueName: { 'Fn::GetAtt': [name, 'QueueName'] } };
    made[`${name}Alarm`] = alarm('AWS/SQS', 'ApproximateNumberOfMessagesVisible', dimensions, {
      Statistic: 'Maximum',
    });
  }
  return made;
}

function topicPolicy() {
  return {
    Type: 'AWS::SNS::TopicPolicy',
    Properties: {
      Topics: [{ Ref: 'Alarms' }],
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Action: 'sns:Publish',
            Resource: { Ref: 'Alarms' },
            Condition: { StringEquals: { 'AWS:SourceAccount': { Ref: 'AWS::AccountId' } } },
          },
        ],
      },
    },
  };
}

// SNS itself leaves there what it cannot hand to the function.
function queuePolicy() {
  const arn = { 'Fn::GetAtt': ['BouncesFailed', 'Arn'] };
  return {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: [{ Ref: 'BouncesFailed' }],
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'sns.amazonaws.com' },
            Action: 'sqs:SendMessage',
            Resource: arn,
            Condition: { ArnEquals: { 'aws:SourceArn': { Ref: 'MailTopic' } } },
          },
        ],
      },
    },
  };
}

module.exports = async ({ resolveVariable }) => {
  const stage = await resolveVariable('sls:stage');
  return {
    Resources: {
      Alarms: {
        Type: 'AWS::SNS::Topic',
        Properties: {
          TopicName: `waggle-${stage}-alarms`,
          Subscription: [{ Protocol: 'email', Endpoint: { Ref: 'AlarmAddress' } }],
        },
      },
      AlarmsPolicy: topicPolicy(),
      BouncesFailedPolicy: queuePolicy(),
      ...Object.fromEntries(QUEUES.map((name) => [name, queue(stage, name)])),
      ...alarms(stage),
    },
  };
};
