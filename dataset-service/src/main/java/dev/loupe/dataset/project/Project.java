package dev.loupe.dataset.project;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import dev.loupe.contracts.Task;
import java.time.Instant;
import java.util.UUID;

/**
 * One product or one question.
 *
 * @param id for machines
 * @param name for people, unique; the name of its models
 * @param task what a machine learns
 * @param itemKind what the images show, in the user's words; absent if it is not known
 * @param createdAt when
 */
@JsonInclude(Include.NON_NULL)
public record Project(UUID id, String name, Task task, String itemKind, Instant createdAt) {}
