package dev.loupe.dataset.version;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.loupe.contracts.dataset.DatasetManifest.Entry;
import dev.loupe.dataset.version.VersionChange.Kind;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Compares dataset versions by their manifests. Both list their images by digest, so they are read side by side, and only
 * the differences are held in memory. Versions never change: the comparisons that were asked for last are kept, for the
 * other pages of the same list.
 */
@ApplicationScoped
class VersionComparison {
    /** Most differences that are kept in memory. */
    private static final int MAX_REMEMBERED_CHANGES = 50_000;

    private static final ObjectReader ENTRY = JsonMapper.builder().build().readerFor(Entry.class);

    private final ObjectStore store;
    private final Map<Pair, Differences> remembered = new LinkedHashMap<>();
    private final ReentrantLock reading = new ReentrantLock();
    private int rememberedChanges;

    /** A version with its manifest. */
    record Manifest(DatasetVersion version, ObjectLocation location) {}

    /**
     * The differences between two versions.
     *
     * @param counts numbers of images by kind, with all kinds
     * @param unchanged number of images that are the same in both
     * @param changes images that differ, ordered by digest
     */
    record Differences(Map<Kind, Integer> counts, int unchanged, List<VersionChange> changes) {}

    private record Pair(UUID from, UUID to) {}

    VersionComparison(ObjectStore store) {
        this.store = store;
    }

    /** Returns what differs in a version from another one. */
    Differences compare(Manifest from, Manifest to) {
        Pair pair = new Pair(from.version().id(), to.version().id());
        Differences known = recall(pair);
        if (known != null) {
            return known;
        }
        reading.lock(); // limits the memory, and concurrent requests for one comparison read the manifests once
        try {
            Differences read = recall(pair);
            return read == null ? remember(pair, read(from, to)) : read;
        } finally {
            reading.unlock();
        }
    }

    private Differences read(Manifest from, Manifest to) {
        store.verify(from.location(), from.version().digest());
        store.verify(to.location(), to.version().digest());
        try (InputStream before = store.open(from.location());
                InputStream after = store.open(to.location())) {
            return merge(entries(before), entries(after));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Iterator<Entry> entries(InputStream manifest) throws IOException {
        JsonParser parser = ENTRY.getFactory().createParser(manifest);
        while (!(parser.nextToken() == JsonToken.START_ARRAY && "images".equals(parser.currentName()))) {
            if (parser.currentToken() == null) {
                throw new IllegalStateException("dataset manifest: expected 'images', got none");
            }
        }
        parser.clearCurrentToken(); // the iterator expects a parser before the first value
        MappingIterator<Entry> entries = ENTRY.readValues(parser);
        return entries;
    }

    /** Merges two lists that are ordered by digest. */
    static Differences merge(Iterator<Entry> before, Iterator<Entry> after) {
        List<VersionChange> changes = new ArrayList<>();
        int unchanged = 0;
        Entry old = next(before);
        Entry current = next(after);
        while (old != null || current != null) {
            int order = old == null ? 1 : current == null ? -1 : old.sha256().compareTo(current.sha256());
            VersionChange change = order < 0
                    ? VersionChange.removed(old)
                    : order > 0 ? VersionChange.added(current) : VersionChange.between(old, current);
            if (change == null) {
                unchanged++;
            } else {
                changes.add(change);
            }
            old = order <= 0 ? next(before) : old;
            current = order >= 0 ? next(after) : current;
        }
        return new Differences(count(changes), unchanged, List.copyOf(changes));
    }

    private static Entry next(Iterator<Entry> entries) {
        return entries.hasNext() ? entries.next() : null;
    }

    private static Map<Kind, Integer> count(List<VersionChange> changes) {
        Map<Kind, Integer> counts = new EnumMap<>(Kind.class);
        for (Kind kind : Kind.values()) {
            counts.put(kind, 0);
        }
        changes.forEach(change -> change.kinds().forEach(kind -> counts.merge(kind, 1, Integer::sum)));
        return counts;
    }

    private synchronized Differences recall(Pair pair) {
        Differences known = remembered.remove(pair);
        if (known != null) {
            remembered.put(pair, known); // at the end: the least recently used one is first
        }
        return known;
    }

    private synchronized Differences remember(Pair pair, Differences differences) {
        remembered.put(pair, differences);
        rememberedChanges += differences.changes().size();
        while (remembered.size() > 1 && (rememberedChanges > MAX_REMEMBERED_CHANGES || remembered.size() > 100)) {
            Pair eldest = remembered.keySet().iterator().next();
            rememberedChanges -= remembered.remove(eldest).changes().size();
        }
        return differences;
    }
}
