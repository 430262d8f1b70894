package dev.loupe.training.trainerapi;

import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectSigner.Access;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The objects that the trainer of an attempt may access.
 *
 * @param bucket bucket of the run's own objects
 * @param prefix key prefix of the run's own objects, with a slash at the end
 * @param attempt number of the attempt
 * @param inputs manifest of the dataset version, and the backbone or the imported model if there is one
 * @param evaluated key prefix of the package that the attempt evaluates, in the same bucket; null if it makes a model
 * @param extended key prefix of the package that the attempt extends, in the same bucket; null if it extends none
 * @param images whether an object is an image or mask of the dataset version, or an image that a model is extended by
 */
record AttemptScope(
        String bucket,
        String prefix,
        int attempt,
        Set<ObjectLocation> inputs,
        String evaluated,
        String extended,
        Predicate<ObjectLocation> images) {

    /** Whether the trainer of the attempt may access the object in this way. */
    boolean allows(Access access, ObjectLocation object) {
        return switch (access) {
            case READ ->
                isCheckpoint(object)
                        || inputs.contains(object)
                        || evaluated != null && isUnder(evaluated, object)
                        || extended != null && isUnder(extended, object)
                        || images.test(object);
            case WRITE ->
                evaluated == null && (isCheckpoint(object) || isUnder(prefix + "package/", object))
                        || isUnder(prefix + "attempts/" + attempt + "/", object);
        };
    }

    /** Whether the trainer may list the keys that begin with this prefix. */
    boolean allowsListing(String inBucket, String keyPrefix) {
        return inBucket.equals(bucket) && keyPrefix.startsWith(prefix + "checkpoints/");
    }

    /** Whether the object is a checkpoint of the run. A trainer may delete checkpoints only. */
    boolean isCheckpoint(ObjectLocation object) {
        return isUnder(prefix + "checkpoints/", object);
    }

    private boolean isUnder(String keyPrefix, ObjectLocation object) {
        return object.bucket().equals(bucket) && object.key().startsWith(keyPrefix);
    }
}
