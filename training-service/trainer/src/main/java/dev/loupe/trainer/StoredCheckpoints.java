package dev.loupe.trainer;

import dev.loupe.contracts.training.TrainerSpec.OutputRef;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.storage.Sha256;
import dev.loupe.storage.StoredObject;
import dev.loupe.vision.training.Checkpoint;
import dev.loupe.vision.training.Checkpoints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Checkpoints in object storage, under the run's {@code checkpoints/}. Files are stored by their SHA-256 in {@code
 * files/}, so that unchanged files are not uploaded again. Each checkpoint has one manifest in {@code manifests/},
 * written last. The two newest checkpoints are kept: one may be read while the next is being written.
 */
final class StoredCheckpoints implements Checkpoints {
    private static final int KEPT = 2;

    private final ObjectStore store;
    private final OutputRef output;
    private final Path folder;

    /** Files of a checkpoint: the SHA-256 of each, by name. */
    record Manifest(String name, Map<String, String> files) {}

    /**
     * @param output where the run stores its objects
     * @param folder folder for downloaded files
     */
    StoredCheckpoints(ObjectStore store, OutputRef output, Path folder) {
        this.store = store;
        this.output = output;
        this.folder = folder;
    }

    @Override
    public Optional<Checkpoint> latest() {
        List<StoredObject> manifests = manifests();
        if (manifests.isEmpty()) {
            return Optional.empty();
        }
        Manifest manifest = read(manifests.getLast());
        try {
            Path copy = Files.createDirectories(folder.resolve("resumed"));
            for (Map.Entry<String, String> file : manifest.files().entrySet()) {
                store.download(file(file.getValue()), file.getValue(), copy.resolve(file.getKey()));
            }
            return Optional.of(new Checkpoint(manifest.name(), copy));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void save(String name, Path from) {
        List<StoredObject> earlier = manifests();
        Set<String> there = new HashSet<>();
        store.list(output.bucket(), prefix("files/"))
                .forEach(object -> there.add(object.location().key()));
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> paths = Files.list(from)) {
            for (Path path : paths.toList()) {
                String sha256 = Sha256.of(path);
                files.put(path.getFileName().toString(), sha256);
                if (!there.contains(file(sha256).key())) {
                    store.put(file(sha256), path, "application/octet-stream");
                }
            }
            store.put(
                    location("manifests/" + "%06d.json".formatted(number(earlier) + 1)),
                    Json.MAPPER.writeValueAsBytes(new Manifest(name, files)),
                    "application/json");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        forgetOld();
    }

    private void forgetOld() {
        List<StoredObject> manifests = new ArrayList<>(manifests());
        while (manifests.size() > KEPT) {
            store.delete(manifests.removeFirst().location());
        }
        Set<String> needed = new HashSet<>();
        for (StoredObject manifest : manifests) {
            read(manifest)
                    .files()
                    .values()
                    .forEach(sha256 -> needed.add(file(sha256).key()));
        }
        for (StoredObject object : store.list(output.bucket(), prefix("files/"))) {
            if (!needed.contains(object.location().key())) {
                store.delete(object.location());
            }
        }
    }

    private List<StoredObject> manifests() {
        return store.list(output.bucket(), prefix("manifests/"));
    }

    private static int number(List<StoredObject> manifests) {
        if (manifests.isEmpty()) {
            return 0;
        }
        String key = manifests.getLast().location().key();
        return Integer.parseInt(key.substring(key.lastIndexOf('/') + 1, key.lastIndexOf('.')));
    }

    private Manifest read(StoredObject manifest) {
        try {
            return Json.MAPPER.readValue(store.read(manifest.location()), Manifest.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ObjectLocation file(String sha256) {
        return location("files/" + sha256);
    }

    private ObjectLocation location(String name) {
        return new ObjectLocation(output.bucket(), prefix(name));
    }

    private String prefix(String name) {
        return output.prefix() + "checkpoints/" + name;
    }
}
