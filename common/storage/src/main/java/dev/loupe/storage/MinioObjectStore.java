package dev.loupe.storage;

import io.minio.BucketExistsArgs;
import io.minio.GetObjectArgs;
import io.minio.GetPresignedObjectUrlArgs;
import io.minio.Http;
import io.minio.ListObjectsArgs;
import io.minio.MakeBucketArgs;
import io.minio.MinioClient;
import io.minio.PutObjectArgs;
import io.minio.RemoveObjectArgs;
import io.minio.Result;
import io.minio.StatObjectArgs;
import io.minio.StatObjectResponse;
import io.minio.errors.ErrorResponseException;
import io.minio.messages.Item;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.X509TrustManager;
import okhttp3.OkHttpClient;

/** {@link ObjectStore} based on the MinIO Java SDK. Holds a pool of connections until it is closed. */
public final class MinioObjectStore implements ObjectStore, ObjectSigner {
    private static final long PART_SIZE = 16L << 20;
    private static final Set<String> ABSENT = Set.of("NoSuchKey", "NoSuchBucket", "NotFound");
    private static final Set<String> OURS_ALREADY = Set.of("BucketAlreadyOwnedByYou", "BucketAlreadyExists");

    private final OkHttpClient http;
    private final MinioClient minio;
    private final Retries retries;

    public MinioObjectStore(StorageEndpoint endpoint) {
        this(endpoint, null);
    }

    /** @param authorities decides which certificates of an HTTPS server are accepted; null: the Java runtime */
    public MinioObjectStore(StorageEndpoint endpoint, X509TrustManager authorities) {
        http = Trust.apply(authorities, new OkHttpClient.Builder())
                .connectTimeout(endpoint.connectTimeout())
                .readTimeout(endpoint.readTimeout())
                .writeTimeout(endpoint.readTimeout())
                .build();
        minio = MinioClient.builder()
                .endpoint(endpoint.url().toString())
                .credentials(endpoint.accessKey(), endpoint.secretKey())
                .region(endpoint.region())
                .httpClient(http, true)
                .build();
        retries = new Retries(endpoint.retries(), MinioObjectStore::isTransient);
    }

    @Override
    public void createBucket(String bucket) {
        retries.run("create bucket " + bucket, () -> {
            if (minio.bucketExists(BucketExistsArgs.builder().bucket(bucket).build())) {
                return;
            }
            try {
                minio.makeBucket(MakeBucketArgs.builder().bucket(bucket).build());
            } catch (ErrorResponseException e) {
                if (!OURS_ALREADY.contains(e.errorResponse().code())) {
                    throw e;
                }
            }
        });
    }

    @Override
    public void put(ObjectLocation location, byte[] content, String contentType) {
        retries.run(
                "write " + location,
                () -> put(location, new ByteArrayInputStream(content), content.length, contentType));
    }

    @Override
    public void put(ObjectLocation location, Path file, String contentType) {
        retries.run("write " + location, () -> {
            try (InputStream in = Files.newInputStream(file)) {
                put(location, in, Files.size(file), contentType);
            }
        });
    }

    private void put(ObjectLocation location, InputStream in, long size, String contentType) throws Exception {
        try {
            minio.putObject(PutObjectArgs.builder().bucket(location.bucket()).object(location.key()).stream(
                            in, size, size > PART_SIZE ? PART_SIZE : -1L)
                    .contentType(contentType)
                    .build());
        } catch (ErrorResponseException e) {
            if (isFull(e)) {
                throw new StorageException.Full("no space left to write " + location, e);
            }
            throw e;
        }
    }

    @Override
    public InputStream open(ObjectLocation location) {
        return retries.call("read " + location, () -> get(location));
    }

    @Override
    public byte[] read(ObjectLocation location) {
        return retries.call("read " + location, () -> {
            try (InputStream in = get(location)) {
                return in.readAllBytes();
            }
        });
    }

    @Override
    public byte[] read(ObjectLocation location, long offset, int length) {
        return retries.call("read " + location, () -> {
            try (InputStream in = get(location, request(location).offset(offset).length((long) length))) {
                return in.readAllBytes();
            }
        });
    }

    @Override
    public byte[] read(ObjectLocation location, String sha256) {
        return retries.call("read " + location, () -> {
            try (InputStream in = get(location)) {
                return DigestVerification.bytes(location, sha256, in);
            }
        });
    }

    @Override
    public void verify(ObjectLocation location, String sha256) {
        retries.run("verify " + location, () -> {
            try (InputStream in = get(location)) {
                DigestVerification.stream(location, sha256, in);
            }
        });
    }

    @Override
    public void download(ObjectLocation location, String sha256, Path file) {
        retries.run("download " + location, () -> {
            try (InputStream in = get(location)) {
                DigestVerification.file(location, sha256, in, file);
            }
        });
    }

    private static GetObjectArgs.Builder request(ObjectLocation location) {
        return GetObjectArgs.builder().bucket(location.bucket()).object(location.key());
    }

    private InputStream get(ObjectLocation location) throws Exception {
        return get(location, request(location));
    }

    private InputStream get(ObjectLocation location, GetObjectArgs.Builder request) throws Exception {
        try {
            return minio.getObject(request.build());
        } catch (ErrorResponseException e) {
            if (isAbsent(e)) {
                throw new StorageException.NotFound(location);
            }
            throw e;
        }
    }

    @Override
    public Optional<StoredObject> find(ObjectLocation location) {
        return retries.call("find " + location, () -> {
            try {
                StatObjectResponse stat = minio.statObject(StatObjectArgs.builder()
                        .bucket(location.bucket())
                        .object(location.key())
                        .build());
                return Optional.of(new StoredObject(
                        location, stat.size(), stat.lastModified().toInstant()));
            } catch (ErrorResponseException e) {
                if (isAbsent(e)) {
                    return Optional.empty();
                }
                throw e;
            }
        });
    }

    @Override
    public List<StoredObject> list(String bucket, String prefix) {
        return retries.call("list s3://" + bucket + "/" + prefix, () -> {
            List<StoredObject> found = new ArrayList<>();
            for (Result<Item> result : minio.listObjects(ListObjectsArgs.builder()
                    .bucket(bucket)
                    .prefix(prefix)
                    .recursive(true)
                    .build())) {
                Item item = result.get();
                if (!item.isDir()) {
                    found.add(new StoredObject(
                            new ObjectLocation(bucket, item.objectName()),
                            item.size(),
                            item.lastModified().toInstant()));
                }
            }
            return found;
        });
    }

    @Override
    public void delete(ObjectLocation location) {
        retries.run(
                "delete " + location,
                () -> minio.removeObject(RemoveObjectArgs.builder()
                        .bucket(location.bucket())
                        .object(location.key())
                        .build()));
    }

    @Override
    public URI sign(Access access, ObjectLocation location, Duration validity) {
        return retries.call(
                "sign a URL for " + location,
                () -> URI.create(minio.getPresignedObjectUrl(GetPresignedObjectUrlArgs.builder()
                        .method(
                                switch (access) {
                                    case READ -> Http.Method.GET;
                                    case WRITE -> Http.Method.PUT;
                                })
                        .bucket(location.bucket())
                        .object(location.key())
                        .expiry(Math.toIntExact(validity.toSeconds()))
                        .build())));
    }

    @Override
    public void close() {
        http.dispatcher().executorService().shutdown();
        http.connectionPool().evictAll();
    }

    private static boolean isAbsent(ErrorResponseException e) {
        return ABSENT.contains(e.errorResponse().code());
    }

    private static boolean isFull(ErrorResponseException e) {
        return StorageException.Full.isFullResponse(
                e.response().code(),
                e.errorResponse().code() + " " + e.errorResponse().message());
    }

    /**
     * Whether a retry may succeed: after server errors, broken connections and wrong bytes, but not after a rejection.
     */
    private static boolean isTransient(Throwable e) {
        return switch (e) {
            case StorageException.Corrupt _ -> true;
            case StorageException _ -> false;
            case ErrorResponseException refused ->
                refused.response().code() >= 500 || refused.response().code() == 429;
            case IOException _ -> true;
            default -> e.getClass().getName().startsWith("io.minio.errors.");
        };
    }
}
