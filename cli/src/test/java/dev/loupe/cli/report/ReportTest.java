package dev.loupe.cli.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.server.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.Test;

class ReportTest {
    private static final String HOSTILE = "<script>alert('1')</script>\"><img src=x onerror=alert(2)>";

    private static JsonNode classifier(String label) throws IOException {
        String text =
                """
                {"format":1,
                 "model":{"runId":"r","attempt":1,"project":"parts","sha256":"%s","trainerVersion":"0.1.0"},
                 "data":{"versionId":"v","number":3,"sha256":"m","testDigest":"t","split":"TEST"},
                 "report":{"task":"CLASSIFICATION","labels":["good",LABEL],"images":40,
                  "metrics":{"accuracy":{"value":0.925,"low":0.85,"high":1.0},"ece":{"value":0.0625}},
                  "bootstrap":{"resamples":1000,"confidence":0.95,"stratified":true,"seed":7},
                  "classes":[
                   {"label":"good","support":25,"predicted":24,"precision":0.9583,"recall":0.92,"f1":0.9388,"auroc":0.97,
                    "averagePrecision":0.98,"roc":[{"x":0,"y":0},{"x":0,"y":0.9,"threshold":0.5},{"x":1,"y":1,"threshold":0.1}],
                    "precisionRecall":[{"x":0,"y":1},{"x":1,"y":0.625,"threshold":0.1}]},
                   {"label":LABEL,"support":15,"predicted":16,"precision":0.875,"recall":0.9333,"f1":0.9032}],
                  "averages":{"micro":{"precision":0.925,"recall":0.925,"f1":0.925},
                   "macro":{"precision":0.9167,"recall":0.9267,"f1":0.921},
                   "weighted":{"precision":0.927,"recall":0.925,"f1":0.9255}},
                  "confusion":[{"truth":"good","predicted":"good","images":23},
                   {"truth":"good","predicted":LABEL,"images":2},{"truth":LABEL,"predicted":LABEL,"images":14},
                   {"truth":LABEL,"predicted":"good","images":1}],
                  "calibration":{"bins":[{"low":0,"high":0.5,"images":0},
                   {"low":0.5,"high":1,"images":40,"confidence":0.9,"accuracy":0.925}],
                   "temperature":{"value":1.5,"devImages":12,"ece":0.03,"logLoss":0.2}}},
                 "evaluatedAt":"2026-11-20T10:15:30Z",
                 "control":{"run":"c","backbone":"random","metrics":{"accuracy":0.5}}}""".formatted("ab".repeat(32)).replace("LABEL", Json.of(label).toString());
        return Json.read(text);
    }

    private static JsonNode run() throws IOException {
        return Json.read("""
                {"id":"r","project":"parts","seed":7,"trainSeconds":12.5,
                 "recipe":{"name":"transfer","parameters":{"backbone":"scattering","imageSize":null}}}""");
    }

    private static List<String> texts(Document page, String selector) {
        return page.select(selector).eachText();
    }

    @Test
    void pageHasTheFiguresOfTheEvaluation() throws IOException {
        JsonNode wrong = Json.read("{\"name\":\"x.png\",\"truth\":\"good\",\"predicted\":\"bad\",\"score\":0.75}");
        Document page = Jsoup.parse(Report.html(
                run(),
                classifier("bad"),
                List.of(WrongImage.of(wrong, new byte[] {1, 2, 3}), WrongImage.of(wrong, null))));

        assertEquals(
                List.of("accuracy", "0.9250", "0.8500 to 1.0000", "0.5000"),
                texts(page, "#metrics tbody tr:first-child td"));
        assertEquals(
                "0.0625", page.select("#metrics tbody tr:last-child td").get(1).text());
        assertEquals(
                List.of("good", "25", "0.9583", "0.9200", "0.9388", "0.9700", "0.9800"),
                texts(page, "#labels tbody tr:first-child td"));
        assertEquals(
                List.of("macro average", "0.9167", "0.9267", "0.9210"),
                Stream.concat(
                                texts(page, "#labels tfoot tr:eq(1) th").stream(),
                                texts(page, "#labels tfoot tr:eq(1) td.number").stream())
                        .toList());
        assertEquals(List.of("23", "2", "1", "14"), texts(page, "#confusion td"));
        assertEquals(List.of("ROC curve", "Precision and recall", "Reliability"), texts(page, ".plot h3"));
        assertEquals(1, page.select(".plot:eq(2) rect").size());
        assertEquals(2, page.select("#wrong figure").size());
        assertEquals("data:image/jpeg;base64,AQID", page.select("#wrong img").attr("src"));
        assertTrue(texts(page, "#card td").contains("scattering"));
        assertTrue(texts(page, "#card td").contains("run c with backbone random"));
    }

    /** The curve from (0, 0) over (0, .9) to (1, 1), in the coordinates of the axes: x 50 to 348, y 238 to 12. */
    @Test
    void curvesAreDrawnBetweenTheAxes() throws IOException {
        Document page = Jsoup.parse(Report.html(run(), classifier("bad"), List.of()));
        Element curve = page.select(".plot").first().select("polyline.c0").first();
        assertEquals("50.0,238.0 50.0,34.6 348.0,12.0", curve.attr("points"));
    }

    @Test
    void scoresOfADetectorAreAHistogram() throws IOException {
        JsonNode evaluation = Json.read("""
                {"model":{},"data":{},"report":{"task":"ANOMALY_DETECTION","labels":["normal","abnormal"],"images":9,
                 "metrics":{},"bootstrap":{},"classes":[],"averages":{},"confusion":[],
                 "detection":{"threshold":3,"histogram":[{"low":0,"high":2,"normal":4,"abnormal":0},
                  {"low":2,"high":4,"normal":2,"abnormal":3}]}}}""");
        Document page = Jsoup.parse(Report.html(run(), evaluation, List.of()));
        assertEquals(List.of("Anomaly scores"), texts(page, ".plot h3"));
        assertEquals(2, page.select(".plot > svg rect.c0").size());
        assertEquals(List.of("3 abnormal"), texts(page, ".plot > svg rect.c1 title"));
        assertEquals(List.of("normal", "abnormal", "threshold 3.0000"), texts(page, ".legend li"));
    }

    @Test
    void namesStayText() throws IOException {
        JsonNode wrong = Json.object()
                .put("name", HOSTILE)
                .put("truth", HOSTILE)
                .put("predicted", "good")
                .put("score", 0.5);
        Document page =
                Jsoup.parse(Report.html(run(), classifier(HOSTILE), List.of(WrongImage.of(wrong, new byte[] {1}))));
        assertTrue(page.select("script").isEmpty());
        assertEquals(1, page.select("img").size());
        assertTrue(page.select("[onerror]").isEmpty());
        assertEquals(
                HOSTILE, page.select("#labels tbody tr:last-child td").first().text());
        assertEquals(HOSTILE, page.select("#wrong img").attr("alt"));
    }

    @Test
    void fileNeedsNoOtherAndEscapesAll() throws IOException {
        Document page = Jsoup.parse(Report.html(run(), classifier("bad"), List.of()));
        assertTrue(page.select("link, script, iframe, object").isEmpty());
        assertTrue(page.select("[src], [href]").isEmpty());
        try (InputStream template = Report.class.getResourceAsStream("report.html")) {
            String text = new String(template.readAllBytes(), StandardCharsets.UTF_8);
            assertFalse(text.contains("{{{") || text.contains("{{&"), "the template has a text that is not escaped");
        }
    }
}
