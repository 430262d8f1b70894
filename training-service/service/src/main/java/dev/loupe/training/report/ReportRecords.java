package dev.loupe.training.report;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.training.dataset.DatasetManifests;
import dev.loupe.training.dataset.FrozenVersion;
import dev.loupe.training.dataset.FrozenVersions;
import dev.loupe.training.report.ReportSources.Lineage;
import dev.loupe.training.result.RunEvaluation;
import dev.loupe.training.result.RunEvaluations;
import dev.loupe.training.result.RunResults;
import dev.loupe.training.result.TestResult;
import dev.loupe.training.run.PackagedModel;
import dev.loupe.training.run.Run;
import dev.loupe.training.run.RunObjects;
import dev.loupe.training.run.Runs;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** Finds what a report is made from. */
@ApplicationScoped
class ReportRecords {
    private final Runs runs;
    private final RunObjects objects;
    private final RunEvaluations evaluations;
    private final RunResults results;
    private final FrozenVersions versions;
    private final DatasetManifests manifests;

    ReportRecords(
            Runs runs,
            RunObjects objects,
            RunEvaluations evaluations,
            RunResults results,
            FrozenVersions versions,
            DatasetManifests manifests) {
        this.runs = runs;
        this.objects = objects;
        this.evaluations = evaluations;
        this.results = results;
        this.versions = versions;
        this.manifests = manifests;
    }

    ReportSources of(Run run) {
        RunEvaluation made = evaluations.require(run);
        return new ReportSources(run, made, lineage(run), results(run));
    }

    private Lineage lineage(Run run) {
        PackagedModel evaluated = run.data().model();
        Run trained = evaluated == null ? run : runs.find(evaluated.run()).orElse(null);
        FrozenVersion version =
                trained == null ? null : versions.get(trained.data().datasetVersionId());
        PackagedModel model = evaluated == null ? objects.packageOf(run).orElse(null) : evaluated;
        return new Lineage(
                trained,
                version,
                version == null ? null : manifests.find(version).orElse(null),
                model == null ? null : objects.manifestOf(model).orElse(null));
    }

    private List<TestResult> results(Run run) {
        try {
            return results.require(run).images();
        } catch (ServiceException e) {
            if (e.code() == ErrorCode.RESULTS_NOT_FOUND) {
                return List.of(); // the run was evaluated before they were kept
            }
            throw e;
        }
    }
}
