package dev.loupe.training.access;

import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectSigner.Access;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Which objects the trainer of an attempt has to do with, and no others.
 *
 * @param bucket of the run's own objects
 * @param prefix of their keys, with a slash at the end
 * @param attempt its number
 * @param inputs manifest of the dataset version, backbone
 * @param images of the dataset version; found out when somebody asks
 */
record AttemptScope(
        String bucket, String prefix, int attempt, Set<ObjectLocation> inputs, Supplier<Set<ObjectLocation>> images) {

    /** Whether the attempt's trainer may do this with the object. */
    boolean allows(Access access, ObjectLocation object) {
        return switch (access) {
            case READ ->
                isCheckpoint(object) || inputs.contains(object) || images.get().contains(object);
            case WRITE ->
                isCheckpoint(object)
                        || isUnder(prefix + "package/", object)
                        || isUnder(prefix + "attempts/" + attempt + "/", object);
        };
    }

    /** Whether it may list what begins so. */
    boolean allowsListing(String inBucket, String keyPrefix) {
        return inBucket.equals(bucket) && keyPrefix.startsWith(prefix + "checkpoints/");
    }

    /** Whether it is of the run's checkpoints, the only thing that a trainer removes. */
    boolean isCheckpoint(ObjectLocation object) {
        return isUnder(prefix + "checkpoints/", object);
    }

    private boolean isUnder(String keyPrefix, ObjectLocation object) {
        return object.bucket().equals(bucket) && object.key().startsWith(keyPrefix);
    }
}
