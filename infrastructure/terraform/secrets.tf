# Secrets without their values: these are put in by hand once (README.md), so that neither state nor plan ever holds one.
# A deleted secret keeps its name for as long as it can be recovered: what is not protected is gone at once, so that it can be made anew.

resource "aws_secretsmanager_secret" "pepper" {
  for_each = toset(var.peppers)

  name                    = "${local.name}/pepper-${each.key}"
  description             = "Secret of the hashes of keys (docs/audit.md). Without it no key can be recognised."
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.deletion_protection ? 30 : 0
}

resource "aws_secretsmanager_secret" "session" {
  name                    = "${local.name}/session"
  description             = "What the cookies of browsers are sealed with (docs/sessions.md), the same for all gateways."
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.deletion_protection ? 7 : 0
}
