// One role for each function, with no more than it does.

const FILES = 'arn:${AWS::Partition}:s3:::waggle-STAGE-files-${AWS::AccountId}';
const SES = 'arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}';

const allow = (actions, ...resources) => ({
  Effect: 'Allow',
  Action: actions,
  Resource: resources,
});
const sub = (text) => ({ 'Fn::Sub': text });

const listing = allow(['s3:ListBucket'], sub(FILES));
const failing = (queue) => allow(['sqs:SendMessage'], { 'Fn::GetAtt': [queue, 'Arn'] });

// What a function does beside logging and speaking to the database.
const FUNCTIONS = {
  api: [
    allow(['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], sub(`${FILES}/*`)),
    // Without it S3 would not tell what is missing from what is forbidden.
    listing,
  ],
  identity: [],
  thumbnails: [
    allow(['s3:GetObject'], sub(`${FILES}/*`)),
    allow(['s3:PutObject'], sub(`${FILES}/thumbnails/*`)),
    listing,
    failing('ThumbnailsFailed'),
  ],
  bounces: [failing('BouncesFailed')],
  outbox: [
    allow(
      ['ses:SendEmail', 'ses:SendRawEmail'],
      sub(`${SES}:identity/\${MailDomain}`),
      sub(`${SES}:configuration-set/waggle-STAGE`),
    ),
    failing('JobsFailed'),
  ],
  cleanup: [
    allow(['s3:GetObject', 's3:DeleteObject'], sub(`${FILES}/*`)),
    listing,
    failing('JobsFailed'),
  ],
  ranking: [failing('JobsFailed')],
  hotness: [failing('JobsFailed')],
  recount: [failing('JobsFailed')],
  digests: [failing('JobsFailed')],
};

const NETWORK = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];

function everywhere(name) {
  const place = '${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}';
  const proxy = { 'Fn::Select': [6, { 'Fn::Split': [':', { 'Fn::GetAtt': ['DatabaseProxy', 'DBProxyArn'] }] }] };
  const user = 'arn:${AWS::Partition}:rds-db:${AWS::Region}:${AWS::AccountId}:dbuser:${Proxy}/USER';
  return [
    // A stream's name is Lambda's to choose.
    allow(
      ['logs:CreateLogStream', 'logs:PutLogEvents'],
      sub(`arn:${place}:log-group:/aws/lambda/waggle-STAGE-${name}:*`),
    ),
    allow(['rds-db:connect'], { 'Fn::Sub': [user, { Proxy: proxy }] }),
    // Lambda itself attaches functions to the network, with the function's role: interfaces have
    // no names before they are made ...
    allow(NETWORK, '*'),
    // ... and the code of the function may not.
    {
      Effect: 'Deny',
      Action: NETWORK,
      Resource: '*',
      Condition: {
        ArnEquals: {
          'lambda:SourceFunctionArn': sub(
            `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:waggle-STAGE-${name}`,
          ),
        },
      },
    },
  ];
}

function role(name, statements) {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
        ],
      },
      Policies: [
        {
          PolicyName: name,
          PolicyDocument: { Version: '2012-10-17', Statement: [...everywhere(name), ...statements] },
        },
      ],
    },
  };
}

// The agent beside a function fetches its key with the function's rights (deploy/datadog.cjs).
const watched = allow(['secretsmanager:GetSecretValue'], { Ref: 'DatadogSecret' });
const UNWATCHED = ['identity'];

module.exports = async ({ resolveVariable }) => {
  const stage = await resolveVariable('sls:stage');
  const user = await resolveVariable('param:databaseUser');
  const hasAgent = (await resolveVariable('param:monitoring')) === 'datadog';
  const Resources = {};
  for (const [name, own] of Object.entries(FUNCTIONS)) {
    const statements = hasAgent && !UNWATCHED.includes(name) ? [...own, watched] : own;
    const text = JSON.stringify(role(name, statements));
    const named = `${name[0].toUpperCase()}${name.slice(1)}Role`;
    Resources[named] = JSON.parse(text.replaceAll('STAGE', stage).replaceAll('/USER', `/${user}`));
  }
  return { Resources };
};
