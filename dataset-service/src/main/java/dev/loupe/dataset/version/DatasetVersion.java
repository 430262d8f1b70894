package dev.loupe.dataset.version;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import dev.loupe.contracts.Split;
import dev.loupe.dataset.quality.Warning;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.json.Json;

/**
 * A frozen state of a project. It never changes; every training run and comparison refers to one.
 *
 * @param id id for machines
 * @param number number within the project, from 1
 * @param digest SHA-256 of the manifest
 * @param testDigest SHA-256 of the TEST images and their labels alone: models can be compared only if it is equal
 * @param manifestSize size of the manifest in bytes
 * @param seed seed of the splits
 * @param note note of the user who froze it, absent if none
 * @param classes sorted labels; {@code normal} and {@code abnormal} for anomaly detection
 * @param counts number of images by split and label
 * @param warnings problems that degrade a model or its evaluation
 * @param createdAt when it was frozen
 */
@JsonInclude(Include.NON_NULL)
public record DatasetVersion(
        UUID id,
        int number,
        String digest,
        String testDigest,
        long manifestSize,
        long seed,
        String note,
        List<String> classes,
        @Json Map<Split, Map<String, Integer>> counts,
        @Json List<Warning> warnings,
        Instant createdAt) {}
