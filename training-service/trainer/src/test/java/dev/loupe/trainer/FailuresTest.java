package dev.loupe.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.loupe.contracts.training.TrainerResult.Failure;
import dev.loupe.storage.StorageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.Test;

class FailuresTest {

    @Test
    void fullObjectStorageLetsTheRunWaitAsAFullDiskDoes() {
        Failure storage = Failures.of(new StorageException.Full("object storage is full", null));
        assertEquals(new Failure(Failure.NO_SPACE, "object storage is full", true), storage);

        Failure disk = Failures.of(new UncheckedIOException(new IOException("No space left on device")));
        assertEquals(Failure.NO_SPACE, disk.reason());
    }

    @Test
    void otherTroubleOfObjectStorageIsAnAttempt() {
        assertEquals(
                new Failure("STORAGE", "could not write", true), Failures.of(new StorageException("could not write")));
    }
}
