package dev.loupe.dataset.version;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import dev.loupe.contracts.Split;
import dev.loupe.dataset.quality.Warning;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A frozen state of a project: it never changes, and training and every comparison name one.
 *
 * @param id for machines
 * @param number within the project, from 1
 * @param digest sha256 of the manifest
 * @param testDigest sha256 over the TEST images and their labels alone: models are compared only where it is equal
 * @param manifestSize of the manifest, bytes
 * @param seed of the splits
 * @param note of who froze it, absent if none
 * @param classes sorted; {@code normal} and {@code abnormal} for anomaly detection
 * @param counts images by split and label
 * @param warnings what may spoil a model or its evaluation
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
        Map<Split, Map<String, Integer>> counts,
        List<Warning> warnings,
        Instant createdAt) {}
