# What several gateways share: limits and the replay shield. Nothing in it must survive; without it each gateway goes on by itself.

resource "aws_elasticache_subnet_group" "this" {
  count = var.cache == null ? 0 : 1

  name       = local.name
  subnet_ids = local.private_subnet_ids
}

resource "aws_elasticache_replication_group" "this" {
  count = var.cache == null ? 0 : 1

  replication_group_id = local.name
  description          = "What the gateways of ${local.name} share"
  engine               = "valkey"
  engine_version       = "8.0"
  node_type            = var.cache.node_type
  num_cache_clusters   = var.cache.nodes
  port                 = 6379

  subnet_group_name          = aws_elasticache_subnet_group.this[0].name
  security_group_ids         = [aws_security_group.this["cache"].id]
  automatic_failover_enabled = var.cache.nodes > 1
  multi_az_enabled           = var.cache.nodes > 1

  # Only the gateway's security group has a way here; the connection is encrypted on top of that.
  transit_encryption_enabled = true
  at_rest_encryption_enabled = true
  kms_key_id                 = var.kms_key_arn

  # The provider makes a cache anew whose version stands below the one that AWS raised it to. Patches come all the same.
  auto_minor_version_upgrade = false
}
