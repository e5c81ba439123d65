// Datadog, where the `monitoring` of a stage says so (docs/monitoring.md): its agent is an extension
// beside the function, its libraries are a layer. Elsewhere there is nothing of it: no layer, no
// variable, no right, and no parameter of the account that would have to exist.

const LAYERS = 'arn:aws:lambda:${AWS::Region}:464622532012:layer';

const account = (stage) => ({
  Parameters: {
    DatadogSecret: {
      Type: 'AWS::SSM::Parameter::Value<String>',
      Default: `/waggle/${stage}/datadog-secret`,
      Description: 'The whole ARN of the secret that is an API key of Datadog, as plain text',
    },
  },
});

module.exports = async ({ resolveVariable }) => {
  const param = (name) => resolveVariable(`param:${name}`);
  const monitoring = await param('monitoring');
  if (monitoring === 'none') return { account: {} };
  if (monitoring !== 'datadog') throw new Error(`monitoring is none or datadog, not ${monitoring}`);
  const runtime = await resolveVariable('self:provider.runtime');
  const python = runtime.replace('python', 'Python').replace('.', '');
  const stage = await resolveVariable('sls:stage');
  return {
    account: account(stage),
    layers: [
      { 'Fn::Sub': `${LAYERS}:Datadog-Extension-ARM:${await param('datadogExtension')}` },
      { 'Fn::Sub': `${LAYERS}:Datadog-${python}-ARM:${await param('datadogLibrary')}` },
    ],
    site: await param('datadogSite'),
    secret: { Ref: 'DatadogSecret' },
    service: 'waggle',
    stage,
    // Logs are in CloudWatch, and every gigabyte would be paid for twice.
    off: 'false',
  };
};
