package dev.loupe.trainer;

import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import dev.failsafe.function.CheckedSupplier;
import dev.loupe.contracts.training.AttemptClient;
import dev.loupe.contracts.training.AttemptClient.RejectedException;
import dev.loupe.contracts.training.ObjectAccess;
import dev.loupe.contracts.training.ObjectAccess.AccessRequest;
import dev.loupe.contracts.training.ObjectAccess.Grants;
import dev.loupe.contracts.training.TrainerSpec;
import dev.loupe.storage.ObjectGrants;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectSigner.Access;
import dev.loupe.storage.StorageException;
import dev.loupe.storage.StoredObject;
import java.io.IOException;
import java.net.URI;
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

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final AttemptClient service;
    private final RetryPolicy<Object> patience;
    private final Map<AccessRequest, Granted> granted = new HashMap<>();
    private final List<AccessRequest> expected = new ArrayList<>();
    private final Map<AccessRequest, Integer> places = new HashMap<>();

    private record Granted(URI address, Instant validUntil) {}

    /**
     * @param patience how long requests to an unavailable service are retried
     */
    ServiceGrants(TrainerSpec spec, Settings settings, Duration patience) {
        this.service = new AttemptClient(
                spec, Json.MAPPER, settings::authorize, TIMEOUT, settings.tls().context());
        this.patience = RetryPolicy.builder()
                .handleIf(ServiceGrants::isRetryable)
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
        Grants grants = answer("grant addresses", () -> service.grant(new ObjectAccess.Request(requests)));
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
        return answer("list " + prefix, () -> service.list(bucket, prefix)).items().stream()
                .map(item -> new StoredObject(new ObjectLocation(bucket, item.key()), item.size(), item.modifiedAt()))
                .toList();
    }

    @Override
    public void delete(ObjectLocation object) {
        answer("delete " + object, () -> {
            service.delete(object.bucket(), object.key());
            return null;
        });
    }

    private static boolean isRetryable(Throwable failure) {
        return failure instanceof RejectedException rejected ? rejected.isRetryable() : failure instanceof IOException;
    }

    private <T> T answer(String what, CheckedSupplier<T> request) {
        try {
            return Failsafe.with(patience).get(request);
        } catch (FailsafeException e) {
            String reason = e.getCause().toString();
            if (e.getCause() instanceof RejectedException rejected) {
                if (rejected.attemptIsOver()) {
                    throw new StorageException.Revoked("this attempt is over");
                }
                reason = rejected.getMessage();
            }
            if (e.getCause() instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            throw new StorageException("the service does not " + what + ": " + reason, e.getCause());
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

    @Override
    public void close() {
        service.close();
    }
}
