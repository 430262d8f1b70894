package dev.loupe.storage;

/**
 * Location of an object.
 *
 * @param bucket name of the bucket, 3 to 63 characters
 * @param key key without a leading slash and without empty or dot segments; no key may lie under another key
 */
public record ObjectLocation(String bucket, String key) {
    public ObjectLocation {
        if (bucket == null || !bucket.matches("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")) {
            throw new IllegalArgumentException("invalid name of a bucket '" + bucket + "'");
        }
        if (key == null || key.isBlank() || key.startsWith("/") || key.endsWith("/") || key.length() > 1024) {
            throw new IllegalArgumentException("invalid key of an object '" + key + "'");
        }
        for (String segment : key.split("/", -1)) {
            if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
                throw new IllegalArgumentException("invalid key of an object '" + key + "'");
            }
        }
    }

    @Override
    public String toString() {
        return "s3://" + bucket + "/" + key;
    }
}
