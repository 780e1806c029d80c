"""The quality gate as an asset and its suites as asset checks. The rules are in expectations."""
