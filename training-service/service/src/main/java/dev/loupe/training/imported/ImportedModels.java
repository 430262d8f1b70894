package dev.loupe.training.imported;

import dev.loupe.contracts.training.TrainerSpec.BackboneFile;
import dev.loupe.contracts.training.TrainerSpec.ImportedNetwork;
import dev.loupe.service.access.CurrentCaller;
import dev.loupe.service.audit.Audit;
import dev.loupe.service.audit.Change;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.paging.PageRequest;
import dev.loupe.service.storage.StorageConfig;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;

/** The uploaded classifiers in the database, and their files. */
@ApplicationScoped
public class ImportedModels {
    private static final String PROJECT_NAME = """
            (select d.project_name from dataset_version d
             where d.project_id = i.project_id order by d.number desc limit 1)""";

    private static final String SELECT = "select i.*, " + PROJECT_NAME + " as project_name from imported_model i ";

    private static final String UNUSED = "not exists (select from run r where r.imported_model_id = i.id)";

    private final Jdbi jdbi;
    private final ObjectStore objects;
    private final StorageConfig storage;
    private final Audit audit;
    private final CurrentCaller caller;

    ImportedModels(Jdbi jdbi, ObjectStore objects, StorageConfig storage, Audit audit, CurrentCaller caller) {
        this.caller = caller;
        this.jdbi = jdbi;
        this.objects = objects;
        this.storage = storage;
        this.audit = audit;
    }

    /** Returns the model with this id; throws {@code IMPORTED_MODEL_NOT_FOUND} if there is none. */
    public ImportedModel require(String id) {
        Optional<ImportedModel> model;
        try {
            UUID parsed = UUID.fromString(id);
            model = jdbi.withHandle(handle -> handle.createQuery(SELECT + "where i.id = :id")
                    .bind("id", parsed)
                    .mapTo(ImportedModel.class)
                    .findOne());
        } catch (IllegalArgumentException _) {
            model = Optional.empty();
        }
        return model.orElseThrow(() -> notFound(id));
    }

    /**
     * Keeps a model from being deleted until the transaction ends.
     *
     * @throws ServiceException {@code IMPORTED_MODEL_NOT_FOUND} if it was deleted meanwhile
     */
    public void retain(UUID id) {
        if (!lock(id, "for key share")) {
            throw notFound(id.toString());
        }
    }

    /** Locks the row of a model. Returns false if there is none. */
    private boolean lock(UUID id, String lock) {
        return jdbi.withHandle(handle -> handle.createQuery("select id from imported_model where id = :id " + lock)
                .bind("id", id)
                .mapTo(UUID.class)
                .findOne()
                .isPresent());
    }

    /** The error for a model that does not exist. */
    public static ServiceException notFound(String id) {
        return new ServiceException(
                ErrorCode.IMPORTED_MODEL_NOT_FOUND, "there is no imported model " + QuotedInput.of(id));
    }

    /** The file of a model and how it is used, for a trainer. */
    public ImportedNetwork network(UUID id) {
        ImportedModel model = require(id.toString());
        ObjectLocation file = file(id);
        return new ImportedNetwork(
                new BackboneFile(
                        file.bucket(),
                        file.key(),
                        model.sha256(),
                        model.scale(),
                        array(model.mean()),
                        array(model.std())),
                model.labels(),
                model.inputSize(),
                model.output(),
                model.framing());
    }

    /** The location of a model's file. */
    ObjectLocation file(UUID id) {
        return new ObjectLocation(storage.bucket(), "imported-models/" + id + ".onnx");
    }

    Optional<ImportedModel> find(UUID project, String name) {
        return jdbi.withHandle(handle -> handle.createQuery(SELECT + "where i.project_id = :project and i.name = :name")
                .bind("project", project)
                .bind("name", name)
                .mapTo(ImportedModel.class)
                .findOne());
    }

    /**
     * Lists the models that the caller may see, newest first.
     *
     * @param project id of their project, null: of all
     * @param before id of the model before the page, null for the first page
     */
    List<ImportedModel> list(UUID project, UUID before, PageRequest page) {
        return jdbi.withHandle(handle -> caller.bind(
                        handle.createQuery(SELECT + """
                        where (:project::uuid is null or i.project_id = :project)
                          and (:before::uuid is null or i.id < :before)
                          and not exists (select from project p where p.id = i.project_id and p.deleted)
                          and %s
                        order by i.id desc limit :limit""".formatted(CurrentCaller.visible("i.project_id", PROJECT_NAME))))
                .bind("project", project)
                .bind("before", before)
                .bind("limit", page.limit() + 1)
                .mapTo(ImportedModel.class)
                .list());
    }

    /** Inserts a model. Returns false if the project has one of this name. */
    boolean insert(ImportedModel model, String actor) {
        return QuarkusTransaction.requiringNew().call(() -> {
            boolean added = jdbi.withHandle(handle -> handle.createUpdate("""
                                    insert into imported_model (id, project_id, name, sha256, size, labels, input_size,
                                        output, scale, mean, std, fit, center_crop, channel_order, width, height, layout,
                                        scores)
                                    values (:id, :projectId, :name, :sha256, :size, :labels, :inputSize, :output,
                                        :scale, :mean, :std, :fit, :centerCrop, :channelOrder, :width, :height, :layout, :scores)
                                    on conflict (project_id, name) do nothing""")
                            .bindMethods(model)
                            .bindArray("labels", String.class, model.labels())
                            .bindArray("mean", Float.class, model.mean())
                            .bindArray("std", Float.class, model.std())
                            .execute())
                    == 1;
            if (added) {
                audit.record(Change.of(
                                model.projectId(),
                                actor,
                                "imported-model.upload",
                                model.id().toString())
                        .detail(model.sha256()));
            }
            return added;
        });
    }

    /**
     * Deletes a model and its file.
     *
     * @throws ServiceException {@code IMPORTED_MODEL_IN_USE} if a run imports it, or has done so
     */
    void delete(ImportedModel model, String actor) {
        QuarkusTransaction.requiringNew().run(() -> {
            lock(model.id(), "for update"); // after a run that is being submitted
            int deleted = jdbi.withHandle(
                    handle -> handle.createUpdate("delete from imported_model i where i.id = :id and " + UNUSED)
                            .bind("id", model.id())
                            .execute());
            if (deleted == 0) {
                throw new ServiceException(
                        ErrorCode.IMPORTED_MODEL_IN_USE,
                        "imported model '" + model.name() + "': expected no run of it; delete its runs first");
            }
            audit.record(Change.of(
                            model.projectId(),
                            actor,
                            "imported-model.delete",
                            model.id().toString())
                    .detail(model.name()));
        });
        objects.delete(file(model.id()));
    }

    /** Deletes models of deleted projects, once their runs are deleted. */
    @Scheduled(
            every = "${loupe.training.deletion-interval:30s}",
            delayed = "${loupe.training.deletion-interval:30s}",
            concurrentExecution = ConcurrentExecution.SKIP)
    @RunOnVirtualThread
    void sweep() {
        List<UUID> orphans = jdbi.withHandle(handle ->
                handle.createQuery("""
                        select i.id from imported_model i join project p on p.id = i.project_id
                        where p.deleted and %s limit 100""".formatted(UNUSED)).mapTo(UUID.class).list());
        for (UUID id : orphans) {
            objects.delete(file(id));
            jdbi.useHandle(handle -> handle.execute("delete from imported_model where id = ?", id));
        }
    }

    private static float[] array(List<Float> values) {
        float[] array = new float[values.size()];
        for (int i = 0; i < array.length; i++) {
            array[i] = values.get(i);
        }
        return array;
    }
}
