package dev.loupe.dataset.version;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.contracts.dataset.DatasetManifest.Entry;
import dev.loupe.dataset.finding.FindingWarnings;
import dev.loupe.dataset.image.Image;
import dev.loupe.dataset.image.Images;
import dev.loupe.dataset.image.StoredObjects;
import dev.loupe.dataset.project.Project;
import dev.loupe.dataset.project.Projects;
import dev.loupe.dataset.quality.PreFlight;
import dev.loupe.dataset.quality.Warning;
import dev.loupe.dataset.split.SplitAssignment;
import dev.loupe.events.v1.DatasetVersionFrozen;
import dev.loupe.events.v1.ObjectRef;
import dev.loupe.service.database.Ids;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.outbox.Outbox;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.Sha256;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Creates a dataset version from the current state of a project. */
@ApplicationScoped
class Freezer {
    private static final String TOPIC = "loupe.datasets";
    private static final String TYPE = "dev.loupe.dataset-version-frozen.v1";
    /** A separate mapper: the manifest's bytes must not depend on the configuration of the service. */
    private static final ObjectWriter MANIFEST = JsonMapper.builder().build().writerFor(DatasetManifest.class);

    private final Projects projects;
    private final Images images;
    private final DatasetVersions versions;
    private final FindingWarnings findings;
    private final StoredObjects objects;
    private final ObjectStore store;
    private final Outbox outbox;
    private final FreezeConfig config;
    private final Semaphore slots;

    Freezer(
            Projects projects,
            Images images,
            DatasetVersions versions,
            FindingWarnings findings,
            StoredObjects objects,
            ObjectStore store,
            Outbox outbox,
            FreezeConfig config) {
        this.projects = projects;
        this.images = images;
        this.versions = versions;
        this.findings = findings;
        this.objects = objects;
        this.store = store;
        this.outbox = outbox;
        this.config = config;
        this.slots = new Semaphore(config.concurrent(), true);
    }

    /**
     * Runs a freeze and its transaction when a slot is free. The limit leaves most database connections to other
     * requests, however many freezes are requested.
     *
     * @throws ServiceException {@code OVERLOADED} if no slot becomes free in time
     */
    <T> T withSlot(Supplier<T> freeze) {
        try {
            if (!slots.tryAcquire(config.maxWait().toMillis(), TimeUnit.MILLISECONDS)) {
                throw new ServiceException(
                        ErrorCode.OVERLOADED,
                        "%d other freezes are in progress; retry later".formatted(config.concurrent()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ServiceException(ErrorCode.OVERLOADED, "the service is stopping; retry later", e);
        }
        try {
            return freeze.get();
        } finally {
            slots.release();
        }
    }

    /** Does what may take long, before the transaction of the freeze: searches for findings. Returns the project. */
    Project prepare(Project project) {
        findings.search(project);
        return project;
    }

    /**
     * Freezes the project. The manifest is written first; the row, the event and the references to the objects are
     * committed together.
     */
    @Transactional(TxType.MANDATORY)
    DatasetVersion freeze(Project project, long seed, String note) {
        projects.lock(project);
        List<Image> labelled = images.labelled(project);
        int unlabelled = images.countUnlabelled(project);
        if (labelled.isEmpty()) {
            throw new ServiceException(
                    ErrorCode.DATASET_EMPTY,
                    "project '" + project.name() + "' has " + unlabelled + " images, none of them with a label");
        }
        requireFewClasses(project, classes(project.task(), labelled));
        DatasetManifest manifest = manifest(project, seed, labelled);
        Map<Split, Map<String, Integer>> counts = count(manifest.images());
        TrainabilityCheck.validate(project, manifest.classes(), counts);
        List<Warning> warnings = new ArrayList<>(PreFlight.check(
                project.task(), manifest.classes(), counts, unlabelled, images.labelConflicts(project)));
        warnings.addAll(findings.warnings(
                project, manifest.images().stream().collect(Collectors.toMap(Entry::sha256, Entry::split))));

        byte[] bytes = write(manifest);
        DatasetVersion version = new DatasetVersion(
                UUID.fromString(manifest.versionId()),
                manifest.number(),
                Sha256.of(bytes),
                manifest.testDigest(),
                bytes.length,
                seed,
                note,
                manifest.classes(),
                counts,
                warnings,
                Instant.now().truncatedTo(ChronoUnit.MICROS)); // the precision of the database
        ObjectLocation location = location(project, version.number());
        store.put(location, bytes, "application/json");
        versions.insert(project, version, objects(labelled));
        outbox.add(
                TOPIC,
                project.id().toString(),
                TYPE,
                event(project, version, location).toByteArray());
        return version;
    }

    ObjectLocation location(Project project, int number) {
        return location(project.id(), number);
    }

    ObjectLocation location(UUID project, int number) {
        return new ObjectLocation(objects.bucket(), "projects/" + project + "/versions/" + number + "/manifest.json");
    }

    private DatasetManifest manifest(Project project, long seed, List<Image> labelled) {
        Map<String, Split> splits = SplitAssignment.assign(project.task(), seed, labelled);
        List<Entry> entries = labelled.stream()
                .map(image -> new Entry(
                        image.sha256(),
                        StoredObjects.key(image.sha256()),
                        image.size(),
                        image.name(),
                        image.label(),
                        splits.get(image.sha256()),
                        image.width(),
                        image.height(),
                        image.defect(),
                        image.maskSha256() == null ? null : StoredObjects.key(image.maskSha256()),
                        image.product()))
                .toList();
        return new DatasetManifest(
                DatasetManifest.FORMAT,
                project.id().toString(),
                project.name(),
                project.task(),
                Ids.next().toString(),
                versions.next(project),
                seed,
                objects.bucket(),
                classes(project.task(), labelled),
                testDigest(entries),
                entries);
    }

    private static List<String> classes(Task task, List<Image> labelled) {
        return switch (task) {
            case ANOMALY_DETECTION -> List.of(DatasetManifest.NORMAL, DatasetManifest.ABNORMAL);
            case CLASSIFICATION ->
                List.copyOf(labelled.stream().map(Image::label).collect(TreeSet::new, TreeSet::add, TreeSet::addAll));
        };
    }

    /**
     * SHA-256 of lines {@code sha256 label}, ordered by digest, each ended by a line feed. An image with a product has a tab
     * and the product after its label: a detector may judge it by that.
     */
    static String testDigest(List<Entry> entries) {
        StringBuilder lines = new StringBuilder();
        entries.stream().filter(entry -> entry.split() == Split.TEST).forEach(entry -> lines.append(entry.sha256())
                .append(' ')
                .append(entry.label())
                .append(entry.product() == null ? "" : '\t' + entry.product())
                .append('\n'));
        return Sha256.of(lines.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static Map<Split, Map<String, Integer>> count(List<Entry> entries) {
        Map<Split, Map<String, Integer>> counts = new EnumMap<>(Split.class);
        for (Split split : Split.values()) {
            counts.put(split, new TreeMap<>());
        }
        entries.forEach(entry -> counts.get(entry.split()).merge(entry.label(), 1, Integer::sum));
        return counts;
    }

    private void requireFewClasses(Project project, List<String> classes) {
        if (classes.size() > config.maxClasses()) {
            throw new ServiceException(
                    ErrorCode.DATASET_UNTRAINABLE,
                    "project '%s' has %d classes, expected at most %d (loupe.freeze.max-classes)"
                            .formatted(project.name(), classes.size(), config.maxClasses()));
        }
    }

    private static Set<String> objects(List<Image> images) {
        Set<String> objects = new HashSet<>();
        for (Image image : images) {
            objects.add(image.sha256());
            if (image.maskSha256() != null) {
                objects.add(image.maskSha256());
            }
        }
        return objects;
    }

    private static byte[] write(DatasetManifest manifest) {
        try {
            return MANIFEST.writeValueAsBytes(manifest);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e); // our own record always serializes
        }
    }

    private static DatasetVersionFrozen event(Project project, DatasetVersion version, ObjectLocation manifest) {
        return DatasetVersionFrozen.newBuilder()
                .setProjectId(project.id().toString())
                .setProjectName(project.name())
                .setTask(dev.loupe.events.v1.Task.valueOf(project.task().name()))
                .setDatasetVersionId(version.id().toString())
                .setNumber(version.number())
                .setManifest(ObjectRef.newBuilder()
                        .setBucket(manifest.bucket())
                        .setKey(manifest.key())
                        .setSha256(version.digest())
                        .setSize(version.manifestSize()))
                .setTrainImages(sum(version, Split.TRAIN))
                .setDevImages(sum(version, Split.DEV))
                .setTestImages(sum(version, Split.TEST))
                .setClassCount(version.classes().size())
                .setTestDigest(version.testDigest())
                .build();
    }

    private static int sum(DatasetVersion version, Split split) {
        return version.counts().get(split).values().stream()
                .mapToInt(Integer::intValue)
                .sum();
    }
}
