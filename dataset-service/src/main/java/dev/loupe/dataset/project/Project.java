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
 * @param name name for people, unique; also the name of its models
 * @param task classification or anomaly detection
 * @param itemKind what the images show, in the user's words; absent if unknown
 * @param createdAt when it was created
 */
@JsonInclude(Include.NON_NULL)
public record Project(UUID id, String name, Task task, String itemKind, Instant createdAt) {}
