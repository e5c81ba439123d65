// What the user pool calls: the warm alias where the stage keeps one, or else the function.
module.exports = async ({ resolveVariable }) =>
  Number(await resolveVariable('param:identityWarm')) > 0
    ? { Ref: 'IdentityProvConcLambdaAlias' }
    : { 'Fn::GetAtt': ['IdentityLambdaFunction', 'Arn'] };
