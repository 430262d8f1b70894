package dev.loupe.trainer;

import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.contracts.dataset.DatasetManifest.Entry;
import dev.loupe.contracts.recipe.BackboneName;
import dev.loupe.contracts.training.LabelIssues;
import dev.loupe.contracts.training.LabelIssues.Reason;
import dev.loupe.contracts.training.TrainerSpec;
import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.StorageException;
import dev.loupe.vision.labels.LabelCheck;
import dev.loupe.vision.training.CancelledException;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.TrainingJob;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks for labels that are probably wrong, and stores them in the folder of the attempt. */
final class LabelIssuesUpload {
    private static final Logger LOG = LoggerFactory.getLogger(LabelIssuesUpload.class);

    private final TrainerSpec spec;
    private final ObjectStore store;

    LabelIssuesUpload(TrainerSpec spec, ObjectStore store) {
        this.spec = spec;
        this.store = store;
    }

    /**
     * Checks the labels and stores the document. A check that fails does not fail the run.
     *
     * @param job a job whose training has ended
     * @throws CancelledException if the job's progress is cancelled
     */
    void store(DatasetManifest manifest, TrainingJob job) throws IOException {
        LabelIssues issues = check(manifest, job);
        if (issues.skipped() == null) {
            LOG.info("labels of {} images checked: {} are probably wrong", issues.images(), issues.total());
        } else {
            LOG.info(
                    "labels not checked, {}: {}",
                    issues.skipped().reason(),
                    issues.skipped().message());
        }
        store.put(
                new ObjectLocation(spec.output().bucket(), spec.output().prefix() + LabelIssues.key(spec.attempt())),
                Json.MAPPER.writeValueAsBytes(issues),
                "application/json");
    }

    private LabelIssues check(DatasetManifest manifest, TrainingJob job) {
        Map<String, String> names =
                manifest.images().stream().collect(Collectors.toMap(Entry::sha256, Entry::name, (first, _) -> first));
        try {
            return LabelCheck.of(checked(job), names);
        } catch (CancelledException | StorageException e) {
            throw e;
        } catch (RuntimeException e) {
            LOG.error("the labels could not be checked", e);
            return LabelIssues.skipped(Reason.FAILED, "internal error; see the log of the run");
        }
    }

    /**
     * The job with the first backbone that has learned, or the scattering network. Its checkpoint has the features of
     * that backbone only if there is no other one.
     */
    private TrainingJob checked(TrainingJob job) {
        List<Backbone> learned = IntStream.range(0, job.backbones().size())
                .filter(i -> !BackboneName.isControl(spec.backbones().get(i).name()))
                .mapToObj(job.backbones()::get)
                .toList();
        boolean only = learned.size() == 1 && job.backbones().size() == 1;
        return new TrainingJob(
                job.images(),
                job.labels(),
                learned.isEmpty() ? Scattering.backbone() : learned.getFirst(),
                job.seed(),
                job.threads(),
                job.workFolder(),
                job.progress(),
                only ? job.checkpoints() : Checkpoints.NONE);
    }
}
