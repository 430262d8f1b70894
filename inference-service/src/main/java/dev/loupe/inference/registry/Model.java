package dev.loupe.inference.registry;

import dev.loupe.contracts.Task;
import java.util.UUID;

/**
 * A project that has model versions.
 *
 * @param projectId id of the project
 * @param name the project's name, and the model's name in gRPC
 * @param task task of its versions
 */
public record Model(UUID projectId, String name, Task task) {}
