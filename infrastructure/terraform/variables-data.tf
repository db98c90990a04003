variable "databases" {
  description = "The two databases: of the auth service (keys) and of the tracking server (tracking). The last snapshot of an environment that was destroyed keeps its name: one that is made and destroyed again needs another final_snapshot_suffix, applied before it is destroyed. A later major engine_version needs major_upgrade and apply_changes_right_now: both databases are away for some minutes, and there is no way back but a snapshot."
  type = object({
    instance_class          = optional(string, "db.t4g.small")
    engine_version          = optional(string, "17")
    storage_gib             = optional(number, 20)
    most_storage_gib        = optional(number, 200)
    multi_az                = optional(bool, true)
    backup_days             = optional(number, 14)
    final_snapshot          = optional(bool, true)
    final_snapshot_suffix   = optional(string, "final")
    password_rotation_days  = optional(number, 90)
    performance_insights    = optional(bool, false)
    apply_changes_right_now = optional(bool, false)
    major_upgrade           = optional(bool, false)
  })
  default = {}

  validation {
    condition     = var.databases.backup_days >= 1 && var.databases.backup_days <= 35
    error_message = "databases: backup_days is ${var.databases.backup_days}; write 1 to 35."
  }

  validation {
    condition     = var.databases.most_storage_gib >= var.databases.storage_gib * 1.1 && var.databases.storage_gib >= 20
    error_message = "databases: storage_gib (${var.databases.storage_gib}) must be 20 at least, and most_storage_gib (${var.databases.most_storage_gib}) a tenth above it: RDS takes no smaller limit."
  }

  # A database that waits for its maintenance window keeps the parameter group of the old version, which could not be deleted then.
  validation {
    condition     = !var.databases.major_upgrade || var.databases.apply_changes_right_now
    error_message = "databases: major_upgrade without apply_changes_right_now; a new major version and its parameter group can't wait for the maintenance window."
  }

  validation {
    condition     = can(regex("^[a-z0-9]+(-[a-z0-9]+)*$", var.databases.final_snapshot_suffix)) && length(var.databases.final_snapshot_suffix) <= 32
    error_message = "databases: final_snapshot_suffix is '${var.databases.final_snapshot_suffix}'; write at most 32 lower-case letters, digits and inner hyphens, such as final or 2026-05."
  }

  validation {
    condition     = var.databases.password_rotation_days >= 1 && var.databases.password_rotation_days <= 1000
    error_message = "databases: password_rotation_days is ${var.databases.password_rotation_days}; write 1 to 1000."
  }
}

variable "artifacts_bucket" {
  description = "Name of the bucket of artifacts; null for one made of environment and account."
  type        = string
  default     = null
}

variable "artifacts_force_destroy" {
  description = "Whether the bucket may be destroyed with everything in it. For environments that hold nothing of worth."
  type        = bool
  default     = false
}

variable "cache" {
  description = "A Redis-compatible cache through which several gateways share limits and the replay shield; null for none, then each gateway counts for itself."
  type = object({
    node_type = optional(string, "cache.t4g.micro")
    nodes     = optional(number, 2)
  })
  default = null

  validation {
    condition     = var.cache == null ? true : var.cache.nodes >= 1 && var.cache.nodes <= 6
    error_message = "cache: nodes must be 1 to 6."
  }
}
