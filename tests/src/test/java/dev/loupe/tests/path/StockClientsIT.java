package dev.loupe.tests.path;

import static dev.loupe.tests.path.TrainedProject.SURFACES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.testing.ThirdPartyPrograms;
import dev.loupe.tests.path.DrawnSurface.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Third-party clients, which {@code tests/clients.sh} installs: tritonclient and KServe's SDK for Python, grpcurl and ghz. */
@ExtendWith(RunningStack.class)
class StockClientsIT {
    @TempDir
    Path folder;

    @BeforeAll
    static void teach() throws IOException {
        TrainedProject.surfaces();
    }

    @Test
    void tritonsPythonClientPredictsFromAnImageAndFromATensor() throws Exception {
        Path python = ThirdPartyPrograms.python("tritonclient.grpc");
        Path image = scratchedImage();
        JsonNode preprocessing =
                RunningStack.loupe().models().manifest(SURFACES, 1).path("preprocessing");

        String said = ThirdPartyPrograms.output(List.of(
                python.toString(),
                Path.of("src/test/resources/stock_client.py").toAbsolutePath().toString(),
                RunningStack.loupe().endpoints().grpc(),
                SURFACES,
                image.toString(),
                preprocessing.path("width").asText(),
                preprocessing.path("height").asText(),
                preprocessing.path("scale").asText(),
                numbers(preprocessing.path("mean")),
                numbers(preprocessing.path("std"))));

        assertTrue(said.contains("version "), said);
    }

    @Test
    void tritonsHttpClientGetsTheNumbersOfGrpc() throws Exception {
        String said = ThirdPartyPrograms.output(List.of(
                ThirdPartyPrograms.python("tritonclient.http").toString(),
                Path.of("src/test/resources/stock_http_client.py")
                        .toAbsolutePath()
                        .toString(),
                httpAddress(),
                RunningStack.loupe().endpoints().grpc(),
                SURFACES,
                scratchedImage().toString()));

        assertTrue(said.contains("score "), said);
    }

    @Test
    void kservesRestClientPredicts() throws Exception {
        String said = ThirdPartyPrograms.output(List.of(
                ThirdPartyPrograms.python("venv-kserve", "kserve").toString(),
                Path.of("src/test/resources/kserve_client.py").toAbsolutePath().toString(),
                "http://" + httpAddress(),
                SURFACES,
                scratchedImage().toString()));

        assertTrue(said.contains("score "), said);
    }

    @Test
    void kservesGrpcClientPredicts() throws Exception {
        String said = ThirdPartyPrograms.output(List.of(
                ThirdPartyPrograms.python("venv-kserve", "kserve").toString(),
                Path.of("src/test/resources/kserve_grpc_client.py")
                        .toAbsolutePath()
                        .toString(),
                RunningStack.loupe().endpoints().grpc(),
                SURFACES,
                scratchedImage().toString()));

        assertTrue(said.contains("score "), said);
    }

    @Test
    void ghzGetsAnAnswerToEachOfItsRequests() throws Exception {
        Path ghz = ThirdPartyPrograms.program("ghz");
        String image = Base64.getEncoder().encodeToString(DrawnSurface.png(3, Kind.SCRATCHED));
        Path request = Files.writeString(
                folder.resolve("request.json"),
                "{\"model_name\": \"" + SURFACES + "\", \"inputs\": [{\"name\": \"image\", \"datatype\": \"BYTES\", "
                        + "\"shape\": [1], \"contents\": {\"bytes_contents\": [\"" + image + "\"]}}]}");

        String said = ThirdPartyPrograms.output(List.of(
                ghz.toString(),
                "--insecure",
                "--call=inference.GRPCInferenceService.ModelInfer",
                "--data-file=" + request,
                "--total=200",
                "--concurrency=8",
                "--format=json",
                RunningStack.loupe().endpoints().grpc()));

        JsonNode report = new ObjectMapper().readTree(said);
        assertEquals(200, report.path("count").asInt(), said);
        assertEquals("{\"OK\":200}", report.path("statusCodeDistribution").toString(), said);
    }

    private static String httpAddress() {
        return RunningStack.loupe().endpoints().inference().getAuthority();
    }

    private Path scratchedImage() throws IOException {
        return Files.write(folder.resolve("image.png"), DrawnSurface.png(3, Kind.SCRATCHED));
    }

    @Test
    void grpcurlFindsTheServicesByReflectionAndPredicts() throws Exception {
        Path grpcurl = ThirdPartyPrograms.program("grpcurl");
        String address = RunningStack.loupe().endpoints().grpc();

        String services = ThirdPartyPrograms.output(List.of(grpcurl.toString(), "-plaintext", address, "list"));
        for (String service : List.of(
                "inference.GRPCInferenceService", "loupe.inference.v1.InferenceService", "grpc.health.v1.Health")) {
            assertTrue(services.contains(service), services);
        }
        String image = Base64.getEncoder().encodeToString(DrawnSurface.png(3, Kind.SCRATCHED));
        Path request = Files.writeString(
                folder.resolve("request.json"),
                "{\"selector\":{\"model\":\"" + SURFACES + "\"},\"image\":\"" + image + "\"}");
        Process process = new ProcessBuilder(
                        grpcurl.toString(),
                        "-plaintext",
                        "-d",
                        "@",
                        address,
                        "loupe.inference.v1.InferenceService/DetectAnomaly")
                .redirectInput(request.toFile())
                .redirectErrorStream(true)
                .start();
        String answer = ThirdPartyPrograms.finished(process);
        assertTrue(answer.matches("(?s).*\"anomaly_?[sS]core\": [0-9.]+.*"), answer);
    }

    private static String numbers(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::asText)
                .collect(Collectors.joining(","));
    }
}
