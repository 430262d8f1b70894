package dev.loupe.training.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.service.error.ServiceException;
import dev.loupe.training.run.Run;
import io.quarkus.qute.Location;
import io.quarkus.qute.Template;
import jakarta.enterprise.context.ApplicationScoped;

/** Writes evaluations as HTML. */
@ApplicationScoped
class HtmlReports {
    private final ReportRecords records;
    private final WrongImages wrongImages;
    private final Template template;
    private final ObjectMapper json;

    HtmlReports(
            ReportRecords records,
            WrongImages wrongImages,
            @Location("evaluation-report.html") Template template,
            ObjectMapper json) {
        this.records = records;
        this.wrongImages = wrongImages;
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
        HtmlReport report = HtmlReport.of(sources, wrongImages.surest(run, sources.results()), json);
        return template.data("report", report).render();
    }
}
