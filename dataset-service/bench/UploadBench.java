import java.awt.image.BufferedImage;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;

/**
 * Uploads many image files and a large archive to a running Loupe, cancels an upload in the middle, and prints the
 * resident memory of processes meanwhile. Exit code 1 if an upload fails or the cancelled one leaves something behind.
 * README.md describes the options.
 */
public final class UploadBench {
    private static final int PARALLEL_UPLOADS = 6;
    private static final Duration PATIENCE = Duration.ofMinutes(30);
    private static final Duration CLEAN_UP = Duration.ofMinutes(2);

    private final URI server;
    private final Map<String, String> options;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();
    private final List<String> projects = new ArrayList<>();
    private boolean failed;

    private UploadBench(Map<String, String> options) {
        this.options = options;
        this.server = URI.create(options.get("--server"));
    }

    public static void main(String[] arguments) throws Exception {
        Map<String, String> options = new LinkedHashMap<>(Map.of(
                "--server", "http://127.0.0.1:8090",
                "--pids", "",
                "--images", "2000",
                "--archive-mb", "500",
                "--spool", "",
                "--objects", ""));
        for (int i = 0; i < arguments.length; i += 2) {
            if (!options.containsKey(arguments[i]) || i + 1 == arguments.length) {
                throw new IllegalArgumentException("expected options with values, of " + options.keySet());
            }
            options.put(arguments[i], arguments[i + 1]);
        }
        UploadBench bench = new UploadBench(options);
        try {
            bench.run();
        } finally {
            bench.deleteProjects();
        }
        System.exit(bench.failed ? 1 : 0);
    }

    private void run() throws Exception {
        int images = Integer.parseInt(options.get("--images"));
        long archiveBytes = Long.parseLong(options.get("--archive-mb")) << 20;
        measured(images + " files, " + PARALLEL_UPLOADS + " at a time", () -> uploadFiles(images));
        Path archive = Files.createTempFile("upload-bench", ".zip");
        try {
            writeArchive(archive, archiveBytes);
            measured("archive of " + (Files.size(archive) >> 20) + " MB", () -> importArchive(archive));
            measured("archive, cancelled at half", () -> cancelAtHalf(archive));
        } finally {
            Files.delete(archive);
        }
    }

    // ---- uploads

    private String uploadFiles(int images) throws Exception {
        String project = createProject();
        int refused = 0;
        try (ExecutorService uploads = Executors.newFixedThreadPool(PARALLEL_UPLOADS)) {
            List<Future<Integer>> answers = new ArrayList<>();
            for (int i = 0; i < images; i++) {
                int number = i;
                answers.add(uploads.submit(() -> send(
                                "POST",
                                project + "/images?label=" + label(number) + "&name=" + number + ".png",
                                "image/png",
                                BodyPublishers.ofByteArray(png(64, 48, number)))
                        .status()));
            }
            for (Future<Integer> answer : answers) {
                refused += answer.get() == 201 ? 0 : 1;
            }
        }
        int stored = number(get(project), "images");
        require(refused == 0 && stored == images, stored + " of " + images + " images stored, " + refused + " refused");
        return stored + " images stored";
    }

    private String importArchive(Path archive) throws Exception {
        String project = createProject();
        Answer accepted =
                send("POST", project + "/imports", "application/zip", BodyPublishers.ofFile(archive));
        if (accepted.status() != 202) {
            require(false, "import refused with " + accepted.status() + ": " + accepted.body());
            return "refused";
        }
        String address = project + "/imports/" + text(accepted.body(), "id");
        boolean ended = waitFor(PATIENCE, () -> !unfinished(get(address)));
        String status = get(address);
        require(ended && text(status, "state").equals("SUCCEEDED"), "import: " + status);
        return text(status, "state") + ", " + number(get(project), "images") + " images stored";
    }

    private String cancelAtHalf(Path archive) throws Exception {
        String project = createProject();
        long spooled = files(options.get("--spool"));
        long objects = files(options.get("--objects"));
        long half = Files.size(archive) / 2;
        try (Socket socket = new Socket(server.getHost(), server.getPort());
                InputStream in = Files.newInputStream(archive)) {
            OutputStream out = socket.getOutputStream();
            out.write(("POST " + project + "/imports HTTP/1.1\r\nHost: " + server.getAuthority()
                            + "\r\nContent-Type: application/zip\r\nContent-Length: " + Files.size(archive)
                            + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            byte[] buffer = new byte[1 << 16];
            for (long sent = 0; sent < half; ) {
                int n = in.read(buffer, 0, (int) Math.min(buffer.length, half - sent));
                out.write(buffer, 0, n);
                sent += n;
            }
            out.flush();
        }
        waitFor(CLEAN_UP, () -> files(options.get("--spool")) <= spooled);
        int images = number(get(project), "images");
        boolean imports = get(project + "/imports").contains("\"state\"");
        require(images == 0, images + " images are stored");
        require(!imports, "there is an import: " + get(project + "/imports"));
        return "no image, no import; " + left("spool", spooled) + "; " + left("objects", objects);
    }

    private String left(String folder, long before) {
        if (options.get("--" + folder).isEmpty()) {
            return folder + " not checked: no --" + folder;
        }
        long now = files(options.get("--" + folder));
        require(now <= before, "--" + folder + " has " + now + " files, had " + before);
        return folder + ": " + before + " files before, " + now + " after";
    }

    // ---- what is measured

    private void measured(String name, Callable<String> work) throws Exception {
        Map<String, Long> before = memory();
        Map<String, Long> peak = new LinkedHashMap<>(before);
        Instant start = Instant.now();
        String result;
        try (ExecutorService other = Executors.newSingleThreadExecutor()) {
            Future<String> running = other.submit(work);
            while (!running.isDone()) {
                memory().forEach((pid, kilobytes) -> peak.merge(pid, kilobytes, Math::max));
                Thread.sleep(100);
            }
            result = running.get();
        }
        System.out.printf("%s: %s, %.1f s%n", name, result, Duration.between(start, Instant.now()).toMillis() / 1000.0);
        Map<String, Long> after = memory();
        before.forEach((pid, kilobytes) -> System.out.printf(
                "  process %s: resident memory before %d MB, peak %d MB, after %d MB%n",
                pid, kilobytes >> 10, peak.get(pid) >> 10, after.getOrDefault(pid, 0L) >> 10));
    }

    /** Resident memory of the processes in kilobytes, from {@code /proc}. */
    private Map<String, Long> memory() {
        Map<String, Long> memory = new LinkedHashMap<>();
        for (String pid : options.get("--pids").split(",")) {
            if (pid.isBlank()) {
                continue;
            }
            try (Stream<String> lines = Files.lines(Path.of("/proc", pid.strip(), "status"))) {
                lines.filter(line -> line.startsWith("VmRSS:"))
                        .forEach(line -> memory.put(pid.strip(), Long.valueOf(line.replaceAll("\\D", ""))));
            } catch (IOException e) {
                throw new UncheckedIOException("process " + pid + " cannot be observed", e);
            }
        }
        return memory;
    }

    /** Number of files in a folder and its subfolders; 0 if none is given. */
    private static long files(String folder) {
        if (folder.isEmpty() || !Files.isDirectory(Path.of(folder))) {
            return 0;
        }
        try (Stream<Path> all = Files.walk(Path.of(folder))) {
            return all.filter(Files::isRegularFile).count();
        } catch (IOException | UncheckedIOException e) {
            return Long.MAX_VALUE; // it changes at the moment
        }
    }

    private void require(boolean expected, String otherwise) {
        if (!expected) {
            failed = true;
            System.out.println("FAILED: " + otherwise);
        }
    }

    // ---- images

    private static String label(int number) {
        return number % 2 == 0 ? "cat" : "dog";
    }

    /** Noise, which cannot be compressed; no two numbers give the same image. */
    private static byte[] png(int width, int height, int number) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
        Random random = new Random(number);
        byte[] noise = new byte[3 * width * height];
        random.nextBytes(noise);
        image.getRaster().setDataElements(0, 0, width, height, noise);
        try (ByteArrayOutputStream out = new ByteArrayOutputStream()) {
            ImageIO.write(image, "png", out);
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Images of about 0.7 MB in two class folders, not compressed again. */
    private static void writeArchive(Path archive, long bytes) throws IOException {
        long written = 0;
        try (ZipOutputStream zip = new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(archive)))) {
            for (int i = 0; written < bytes; i++) {
                byte[] image = png(560, 420, -1 - i);
                CRC32 checksum = new CRC32();
                checksum.update(image);
                ZipEntry entry = new ZipEntry(label(i) + "/" + i + ".png");
                entry.setMethod(ZipEntry.STORED);
                entry.setSize(image.length);
                entry.setCrc(checksum.getValue());
                zip.putNextEntry(entry);
                zip.write(image);
                zip.closeEntry();
                written += image.length;
            }
        }
    }

    // ---- HTTP

    private record Answer(int status, String body) {}

    private String createProject() throws Exception {
        String name = "upload-bench-" + Long.toString(System.nanoTime(), 36);
        Answer created = send(
                "POST",
                "/api/v1/projects",
                "application/json",
                BodyPublishers.ofString("{\"name\": \"" + name + "\", \"task\": \"CLASSIFICATION\"}"));
        if (created.status() != 201) {
            throw new IllegalStateException("no project: " + created);
        }
        projects.add(name);
        return "/api/v1/projects/" + name;
    }

    private void deleteProjects() throws Exception {
        for (String name : projects) {
            send("DELETE", "/api/v1/projects/" + name + "?confirm=" + name, "text/plain", BodyPublishers.noBody());
        }
    }

    private Answer send(String method, String path, String type, BodyPublisher body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(server.resolve(path))
                .header("Content-Type", type)
                .timeout(PATIENCE)
                .method(method, body)
                .build();
        var answer = http.send(request, BodyHandlers.ofString());
        return new Answer(answer.statusCode(), answer.body());
    }

    private String get(String path) {
        try {
            return send("GET", path, "application/json", BodyPublishers.noBody()).body();
        } catch (Exception e) {
            throw new IllegalStateException("GET " + path, e);
        }
    }

    private static boolean unfinished(String status) {
        return Arrays.asList("QUEUED", "RUNNING").contains(text(status, "state"));
    }

    private static boolean waitFor(Duration most, BooleanSupplier condition) throws InterruptedException {
        Instant deadline = Instant.now().plus(most);
        while (!condition.getAsBoolean()) {
            if (Instant.now().isAfter(deadline)) {
                return false;
            }
            Thread.sleep(200);
        }
        return true;
    }

    private static String text(String json, String field) {
        Matcher matcher = Pattern.compile("\"" + field + "\":\"([^\"]*)\"").matcher(json);
        return matcher.find() ? matcher.group(1) : "";
    }

    private static int number(String json, String field) {
        Matcher matcher = Pattern.compile("\"" + field + "\":(\\d+)").matcher(json);
        return matcher.find() ? Integer.parseInt(matcher.group(1)) : -1;
    }
}
