package dev.loupe.trainer;

import dev.loupe.storage.StorageEndpoint;
import java.net.URI;
import java.time.Duration;
import java.util.Map;

/**
 * What the trainer takes from its environment: secrets, which have no place in a file.
 *
 * @param storage {@code LOUPE_STORAGE_ENDPOINT}, {@code _REGION}, {@code _ACCESS_KEY}, {@code _SECRET_KEY}
 * @param reportToken {@code LOUPE_REPORT_TOKEN}; empty: none
 */
record Settings(StorageEndpoint storage, String reportToken) {
    static Settings of(Map<String, String> environment) {
        StorageEndpoint storage = new StorageEndpoint(
                URI.create(required(environment, "LOUPE_STORAGE_ENDPOINT")),
                environment.getOrDefault("LOUPE_STORAGE_REGION", "us-east-1"),
                required(environment, "LOUPE_STORAGE_ACCESS_KEY"),
                required(environment, "LOUPE_STORAGE_SECRET_KEY"),
                Duration.ofSeconds(5),
                Duration.ofSeconds(30),
                7);
        return new Settings(storage, environment.getOrDefault("LOUPE_REPORT_TOKEN", ""));
    }

    private static String required(Map<String, String> environment, String name) {
        String value = environment.get(name);
        if (value == null || value.isBlank()) {
            throw new IllegalArgumentException("the environment variable " + name + " is missing");
        }
        return value;
    }

    @Override
    public String toString() {
        return storage.toString(); // never the token
    }
}
