package dev.loupe.training.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.service.error.ServiceException;
import dev.loupe.training.metric.LearningNote;
import dev.loupe.training.metric.MetricHistory;
import dev.loupe.training.run.Run;
import io.quarkus.qute.Location;
import io.quarkus.qute.Template;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** Writes evaluations as HTML. */
@ApplicationScoped
class HtmlReports {
    private final ReportRecords records;
    private final WrongImages wrongImages;
    private final MetricHistory history;
    private final Template template;
    private final ObjectMapper json;

    HtmlReports(
            ReportRecords records,
            WrongImages wrongImages,
            MetricHistory history,
            @Location("evaluation-report.html") Template template,
            ObjectMapper json) {
        this.records = records;
        this.wrongImages = wrongImages;
        this.history = history;
        this.template = template;
        this.json = json;
    }

    /**
     * Returns the report on the evaluation of a run.
     *
     * @throws ServiceException {@code EVALUATION_NOT_FOUND} if it has none
     */
    String html(Run run) {
        ReportSources sources = records.of(run);
        HtmlReport report = HtmlReport.of(
                sources,
                wrongImages.surest(run, sources.results()),
                notes(sources.lineage().trained()),
                json);
        return template.data("report", report).render();
    }

    /** @param trained run that trained the model, null if it was deleted */
    private List<LearningNote> notes(Run trained) {
        return trained == null ? List.of() : history.notes(trained);
    }
}
