"""From a token or a cookie to the person it stands for; knows neither GraphQL nor a web framework.

* `bearer`, `cookies`, `proxies`: what a request says, from plain headers
* `tokens`, `jwks`: whether a token is genuine
* `cognito`: the user pool of the settings
* `people`: from a genuine token to the account
"""
