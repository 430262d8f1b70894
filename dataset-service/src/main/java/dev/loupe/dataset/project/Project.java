package dev.loupe.dataset.project;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import dev.loupe.contracts.Task;
import java.time.Instant;
import java.util.UUID;

/**
 * Images of one kind of item, with their task.
 *
 * @param id id for machines
 * @param name name in addresses, unique; also the name of its models
 * @param displayName title for people, not unique; absent if none
 * @param task classification or anomaly detection
 * @param itemKind what the images show, in the user's words; absent if unknown
 * @param createdAt when it was created
 * @param archivedAt since when it takes no uploads, absent if it does
 */
@JsonInclude(Include.NON_NULL)
public record Project(
        UUID id, String name, String displayName, Task task, String itemKind, Instant createdAt, Instant archivedAt) {}
