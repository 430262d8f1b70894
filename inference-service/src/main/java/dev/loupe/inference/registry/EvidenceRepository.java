package dev.loupe.inference.registry;

import dev.loupe.events.v1.TestCounts;
import dev.loupe.inference.registry.TestEvidence.LabelCount;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Jdbi;

/** What evaluations counted on TEST images, in the database. */
@ApplicationScoped
class EvidenceRepository {
    private final Jdbi jdbi;

    EvidenceRepository(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** Keeps the counts of an event; nothing if the run has no version. */
    void add(UUID runId, String testDigest, TestCounts counts) {
        Map<String, LabelCount> labels = counts.getLabelsMap().entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        count -> new LabelCount(
                                count.getValue().getImages(), count.getValue().getRight())));
        TestEvidence evidence = new TestEvidence(
                runId,
                testDigest,
                counts.getImages(),
                labels,
                counts.getRightImages().isEmpty()
                        ? null
                        : counts.getRightImages().toByteArray());
        jdbi.useHandle(handle -> handle.createUpdate("""
                        insert into test_evidence (run_id, test_digest, images, labels, right_images)
                        select run_id, :testDigest, :images, cast(:labels as jsonb), :rightImages
                        from model_version where run_id = :runId
                        on conflict (run_id, test_digest) do update set
                            images = excluded.images, labels = excluded.labels, right_images = excluded.right_images""").bindMethods(evidence).execute());
    }

    /** Returns what was counted of a version on these TEST images; empty if that is not known. */
    Optional<TestEvidence> find(UUID runId, String testDigest) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select * from test_evidence where run_id = :run and test_digest = :testDigest")
                .bind("run", runId)
                .bind("testDigest", testDigest)
                .mapTo(TestEvidence.class)
                .findOne());
    }
}
