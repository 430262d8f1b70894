package dev.loupe.trainer;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import dev.loupe.contracts.training.ObjectAccess;
import dev.loupe.contracts.training.ObjectAccess.AccessRequest;
import dev.loupe.contracts.training.ObjectAccess.Grants;
import dev.loupe.contracts.training.ObjectAccess.Listing;
import dev.loupe.contracts.training.TrainerSpec;
import dev.loupe.storage.ObjectGrants;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectSigner.Access;
import dev.loupe.storage.StorageException;
import dev.loupe.storage.StoredObject;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Requests presigned URLs of objects from the service, many at a time if the objects are known in advance. If the
 * service is unavailable, a request is retried: without the service nothing can be saved.
 */
final class ServiceGrants implements ObjectGrants, AutoCloseable {
    private static final int BATCH = 500;
    /** Minimum remaining validity of a URL that is used. */
    private static final Duration MARGIN = Duration.ofMinutes(5);

    private static final int GONE = 410;
    private static final int TOO_MANY = 429;

    private final String url;
    private final Settings settings;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final RetryPolicy<Object> patience;
    private final Map<AccessRequest, Granted> granted = new HashMap<>();
    private final List<AccessRequest> expected = new ArrayList<>();
    private final Map<AccessRequest, Integer> places = new HashMap<>();

    private record Granted(URI address, Instant validUntil) {}

    /** The request failed with an error that a retry may resolve. */
    private static final class Unavailable extends IOException {
        private static final long serialVersionUID = 1L;

        Unavailable(int status) {
            super("the service answered " + status);
        }
    }

    /**
     * @param patience how long requests to an unavailable service are retried
     */
    ServiceGrants(TrainerSpec spec, Settings settings, Duration patience) {
        this.url = spec.attemptUrl() + "/objects";
        this.settings = settings;
        this.patience = RetryPolicy.builder()
                .handle(IOException.class)
                .withBackoff(Duration.ofMillis(200), Duration.ofSeconds(10))
                .withJitter(0.5)
                .withMaxRetries(-1)
                .withMaxDuration(patience)
                .build();
    }

    /** Announces the objects that will be read, roughly in this order, so that their URLs are requested together. */
    synchronized void prefetch(List<ObjectLocation> objects) {
        expected.clear();
        places.clear();
        for (ObjectLocation object : objects) {
            places.put(accessRequest(Access.READ, object), expected.size());
            expected.add(accessRequest(Access.READ, object));
        }
    }

    @Override
    public synchronized URI address(Access access, ObjectLocation location) {
        AccessRequest accessRequest = accessRequest(access, location);
        Granted known = granted.get(accessRequest);
        if (known == null || known.validUntil().isBefore(Instant.now().plus(MARGIN))) {
            ask(accessRequest);
        }
        return granted.get(accessRequest).address();
    }

    private void ask(AccessRequest first) {
        List<AccessRequest> requests = new ArrayList<>(List.of(first));
        Integer place = places.get(first);
        if (place != null) {
            requests.addAll(expected.subList(place + 1, Math.min(expected.size(), place + BATCH)));
        }
        Grants grants = answer(
                "grant addresses",
                Grants.class,
                request("")
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofByteArray(json(new ObjectAccess.Request(requests)))));
        granted.values().removeIf(old -> old.validUntil().isBefore(Instant.now()));
        for (int i = 0; i < requests.size(); i++) {
            granted.put(
                    requests.get(i), new Granted(URI.create(grants.addresses().get(i)), grants.validUntil()));
        }
    }

    @Override
    public synchronized void refused(Access access, ObjectLocation location) {
        granted.remove(accessRequest(access, location));
    }

    @Override
    public List<StoredObject> list(String bucket, String prefix) {
        return answer(
                        "list " + prefix,
                        Listing.class,
                        request("?bucket=" + encode(bucket) + "&prefix=" + encode(prefix))
                                .GET())
                .items()
                .stream()
                .map(item -> new StoredObject(new ObjectLocation(bucket, item.key()), item.size(), item.modifiedAt()))
                .toList();
    }

    @Override
    public void delete(ObjectLocation object) {
        answer(
                "delete " + object,
                Void.class,
                request("?bucket=" + encode(object.bucket()) + "&key=" + encode(object.key()))
                        .DELETE());
    }

    private HttpRequest.Builder request(String query) {
        return settings.authorize(HttpRequest.newBuilder(URI.create(url + query)))
                .timeout(Duration.ofSeconds(30));
    }

    private <T> T answer(String what, Class<T> type, HttpRequest.Builder request) {
        try {
            return Failsafe.with(patience).get(() -> {
                HttpResponse<byte[]> response = http.send(request.build(), BodyHandlers.ofByteArray());
                int status = response.statusCode();
                if (status == GONE) {
                    throw new StorageException.Revoked("this attempt is over");
                }
                if (status >= 500 || status == TOO_MANY) {
                    throw new Unavailable(status);
                }
                if (status >= 300) {
                    throw new StorageException("the service does not " + what + ": " + status + " "
                            + new String(response.body(), StandardCharsets.UTF_8));
                }
                return type == Void.class ? null : Json.MAPPER.readValue(response.body(), type);
            });
        } catch (FailsafeException e) {
            if (e.getCause() instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            throw new StorageException("the service does not " + what + ": " + e.getCause(), e.getCause());
        }
    }

    private static AccessRequest accessRequest(Access access, ObjectLocation object) {
        ObjectAccess.Access wanted =
                switch (access) {
                    case READ -> ObjectAccess.Access.READ;
                    case WRITE -> ObjectAccess.Access.WRITE;
                };
        return new AccessRequest(wanted, object.bucket(), object.key());
    }

    private static byte[] json(Object document) {
        try {
            return Json.MAPPER.writeValueAsBytes(document);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e); // our own records always serialize
        }
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
