package dev.loupe.service.audit.log;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import java.time.Instant;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** An entry of the audit log. */
@Schema(
        name = "AuditEntry",
        requiredProperties = {"serial", "id", "at", "actor", "action", "subject", "detail", "previous", "hash"})
@JsonInclude(JsonInclude.Include.NON_NULL)
public record AuditEntry(
        @Schema(description = "place in the chain, from 1 without gaps")
        long serial,

        UUID id,

        @Schema(description = "when the transaction of the change began")
        Instant at,

        @Schema(description = "who made the change; a token is `token:NAME`")
        String actor,

        @Schema(description = "who created the token, or asked for what the actor approved")
        String onBehalfOf,

        @Schema(
                description =
                        "the project that the change is in; absent: it is in none, or older than Loupe's record of it")
        UUID projectId,

        @Schema(description = "kind of change: `alias.promote`")
        String action,

        @Schema(description = "what was changed") String subject,

        @Schema(description = "details for people") String detail,

        @JsonRawValue @Schema(implementation = Object.class, description = "values before the change, where it has any")
        String before,

        @JsonRawValue @Schema(implementation = Object.class, description = "values after it")
        String after,

        @Schema(description = "hash of the entry before it; 64 zeros for the first one")
        String previous,

        @Schema(description = "SHA-256 of the previous hash and of this entry, lower-case hexadecimal")
        String hash) {}
