package dev.loupe.training.report;

import dev.loupe.contracts.training.TestResults;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.training.result.RunResults;
import dev.loupe.training.result.TestResult;
import dev.loupe.training.run.Run;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Comparator;
import java.util.List;

/** The images that a model is wrong on, with the thumbnails and heatmaps that the trainer has stored. */
@ApplicationScoped
class WrongImages {
    private final RunResults results;

    WrongImages(RunResults results) {
        this.results = results;
    }

    /** The images with the surest wrong predictions, the surest first. */
    List<WrongImage> surest(Run run, List<TestResult> images) {
        return images.stream()
                .filter(image -> !image.right())
                .sorted(Comparator.comparingDouble(TestResult::margin).thenComparing(TestResult::sha256))
                .limit(TestResults.MAX_THUMBNAILS)
                .map(image -> WrongImage.of(
                        image, results.thumbnail(run, image.sha256()), image.heatmap() ? heatmap(run, image) : null))
                .toList();
    }

    private byte[] heatmap(Run run, TestResult image) {
        try {
            return results.heatmap(run, image.sha256());
        } catch (ServiceException e) {
            if (e.code() == ErrorCode.HEATMAP_NOT_FOUND) {
                return null;
            }
            throw e;
        }
    }
}
