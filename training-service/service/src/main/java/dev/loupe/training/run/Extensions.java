package dev.loupe.training.run;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.training.dataset.FrozenVersion;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** Runs that extend the memory of a model: those of the kind {@link RunKind#EXTENSION}. */
@ApplicationScoped
public class Extensions {
    private final Jdbi jdbi;
    private final RunTransitions transitions;

    Extensions(Jdbi jdbi, RunTransitions transitions) {
        this.jdbi = jdbi;
        this.transitions = transitions;
    }

    /**
     * What a run extends.
     *
     * @param model model that is extended
     * @param source dataset version with the images
     * @param images SHA-256 of the images
     */
    public record Source(PackagedModel model, FrozenVersion source, List<String> images) {
        public Source {
            images = List.copyOf(images);
        }
    }

    /**
     * Adds an extension to the queue. The locks exclude that the model version or the dataset version with the images is
     * deleted in between.
     *
     * @throws ServiceException {@code RUN_NOT_FOUND}, {@code MODEL_VERSION_NOT_FOUND} or {@code
     *     DATASET_VERSION_NOT_FOUND} if the run, the model version or a dataset version was deleted meanwhile
     */
    @Transactional
    public UUID request(Submission asked, String actor) {
        Source extension = asked.extension();
        return jdbi.withHandle(handle -> {
            Evaluations.lockPackage(handle, extension.model().run());
            lock(handle, extension.source());
            UUID id = transitions.submit(asked, actor);
            handle.createUpdate("""
                            insert into extension (run_id, model_run_id, package_key, package_sha256, images_version_id,
                                images)
                            values (:id, :run, :packageKey, :packageSha256, :source, :images)""")
                    .bind("id", id)
                    .bindMethods(extension.model())
                    .bind("source", extension.source().id())
                    .bindArray("images", String.class, extension.images())
                    .execute();
            return id;
        });
    }

    private static void lock(Handle handle, FrozenVersion version) {
        handle.createQuery("select id from dataset_version where id = :id and deleted_at is null for share")
                .bind("id", version.id())
                .mapTo(UUID.class)
                .findOne()
                .orElseThrow(() -> new ServiceException(
                        ErrorCode.DATASET_VERSION_NOT_FOUND,
                        "project '" + version.projectName() + "': dataset version " + version.number()
                                + " was deleted"));
    }

    /** SHA-256 of the images that a run of the kind EXTENSION learns from. */
    public List<String> images(UUID run) {
        return jdbi.withHandle(handle -> handle.createQuery("select unnest(images) from extension where run_id = :run")
                .bind("run", run)
                .mapTo(String.class)
                .list());
    }

    /** An extension of the run's model that waits or is in progress, empty if there is none. */
    Optional<UUID> unfinished(UUID model) {
        return jdbi.withHandle(
                handle -> handle.createQuery("select e.run_id from extension e where e.model_run_id = :model and "
                                + Evaluations.UNFINISHED + " limit 1")
                        .bind("model", model)
                        .mapTo(UUID.class)
                        .findOne());
    }
}
