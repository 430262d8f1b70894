package dev.loupe.dataset.finding;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.contracts.training.LabelIssues;
import dev.loupe.contracts.training.LabelIssues.Issue;
import dev.loupe.dataset.quality.FindingKind;
import dev.loupe.events.v1.LabelsChecked;
import dev.loupe.events.v1.ObjectRef;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.StorageException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * Labels that training runs found to be probably wrong, as findings. A finding is identified by image and label, so a
 * later run that finds it does not open it again. It is there while the image has this label.
 */
@ApplicationScoped
public class WrongLabelFindings {
    private static final Logger LOG = Logger.getLogger(WrongLabelFindings.class);

    /** Failures in a row of object storage after which a document counts as unreadable: others wait for it. */
    static final int MAX_FAILURES = 10;

    private final Map<String, Integer> failures = new ConcurrentHashMap<>();
    private final Jdbi jdbi;
    private final ObjectStore store;
    private final ObjectMapper json;

    WrongLabelFindings(Jdbi jdbi, ObjectStore store, ObjectMapper json) {
        this.jdbi = jdbi;
        this.store = store;
        this.json = json;
    }

    /**
     * Adds the findings of a run. An image that was deleted or has another label meanwhile has none.
     *
     * @throws IllegalArgumentException if the document that the event refers to cannot be read, after
     *     {@value #MAX_FAILURES} attempts if object storage fails
     */
    @Transactional(TxType.MANDATORY)
    public void add(LabelsChecked event) {
        Optional<LabelIssues> issues = read(event.getIssues());
        if (issues.isEmpty()) {
            LOG.infof("run %s was deleted before its findings were added", event.getRunId());
            return;
        }
        UUID project = UUID.fromString(event.getProjectId());
        UUID run = UUID.fromString(event.getRunId());
        jdbi.useHandle(handle -> {
            FindingSearch.lock(handle, project); // first of all, as a search does: one lock order for both
            int added = upsert(handle, project, run, issues.get().issues());
            handle.createUpdate("update finding_search set stale = true where project_id = :project")
                    .bind("project", project)
                    .execute();
            if (added > 0) {
                LOG.infof("run %s: %d labels are probably wrong", run, added);
            }
        });
    }

    /** The document, empty if it was deleted with its run. */
    private Optional<LabelIssues> read(ObjectRef document) {
        if (document.getSize() > LabelIssues.MAX_BYTES) {
            throw new IllegalArgumentException(document.getKey() + ": expected at most " + LabelIssues.MAX_BYTES
                    + " bytes, got " + document.getSize());
        }
        try {
            ObjectLocation location = new ObjectLocation(document.getBucket(), document.getKey());
            byte[] read = store.read(location, document.getSha256());
            failures.remove(document.getKey());
            return Optional.of(json.readValue(read, LabelIssues.class));
        } catch (StorageException.NotFound _) {
            failures.remove(document.getKey());
            return Optional.empty();
        } catch (StorageException.Corrupt | IOException e) {
            failures.remove(document.getKey());
            throw new IllegalArgumentException(document.getKey() + ": " + e.getMessage(), e);
        } catch (StorageException e) {
            if (failures.merge(document.getKey(), 1, Integer::sum) < MAX_FAILURES) {
                throw e;
            }
            failures.remove(document.getKey());
            throw new IllegalArgumentException(
                    document.getKey() + ": " + MAX_FAILURES + " failures in a row: " + e.getMessage(), e);
        }
    }

    private static int upsert(Handle handle, UUID project, UUID run, List<Issue> issues) {
        if (issues.isEmpty()) {
            return 0;
        }
        PreparedBatch batch = handle.prepareBatch("""
                insert into finding (project_id, id, kind, severity, position, message, label, likely_label, run_id,
                                     images, figures)
                select i.project_id, :id, :kind, :severity, :position, :message, :label, :likelyLabel, :run, :images,
                       :figures
                from image i where i.project_id = :project and i.sha256 = :sha256 and i.label = :label
                on conflict (project_id, id) do update
                set present = true, position = excluded.position, message = excluded.message,
                    likely_label = excluded.likely_label, run_id = excluded.run_id, figures = excluded.figures""");
        for (Issue issue : issues) {
            Observation one = observation(issue);
            batch.bind("project", project)
                    .bind("sha256", issue.sha256())
                    .bind("id", one.id())
                    .bind("kind", one.kind().name())
                    .bind("severity", one.severity().name())
                    .bind("position", one.position())
                    .bind("message", one.message())
                    .bind("label", one.label())
                    .bind("likelyLabel", issue.likelyLabel())
                    .bind("run", run)
                    .bindArray("images", String.class, one.images())
                    .bindByType("figures", one.figures(), FindingSearch.FIGURES)
                    .add();
        }
        int added = 0;
        for (int rows : batch.execute()) {
            added += rows;
        }
        return added;
    }

    private static Observation observation(Issue issue) {
        return new Observation(
                FindingKind.LIKELY_WRONG_LABEL,
                Severity.MEDIUM,
                1 - issue.labelProbability(),
                "the label '%s' is probably wrong: '%s' is likelier (%.0f %% to %.0f %%)"
                        .formatted(
                                issue.label(),
                                issue.likelyLabel(),
                                100 * issue.likelyProbability(),
                                100 * issue.labelProbability()),
                issue.label(),
                null,
                List.of(issue.sha256()),
                Map.of(
                        "labelProbability", issue.labelProbability(),
                        "likelyProbability", issue.likelyProbability()));
    }

    /** Closes the findings whose image was deleted or has another label, and brings back those whose image has its label. */
    static void follow(Handle handle, UUID project) {
        handle.createUpdate("""
                        update finding f set present = not f.present
                        where f.project_id = :project and f.kind = :kind and f.present <> exists (
                            select from image i
                            where i.project_id = f.project_id and i.sha256 = f.images[1] and i.label = f.label)""")
                .bind("project", project)
                .bind("kind", FindingKind.LIKELY_WRONG_LABEL.name())
                .execute();
    }
}
