package dev.loupe.service.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The time is given, so that the bucket does exactly what its rate says. */
class RequestBucketTest {
    private static final long SECOND = 1_000_000_000;

    private static int taken(RequestBucket bucket, long now, int requests) {
        return (int)
                IntStream.range(0, requests).filter(_ -> bucket.take(now) == 0).count();
    }

    @Test
    void holdsTheRequestsOfOneSecondAndIsFilledAtItsRate() {
        RequestBucket bucket = new RequestBucket(10);

        assertEquals(10, taken(bucket, 0, 50));
        assertEquals(SECOND / 10, bucket.take(0));
        assertEquals(1, taken(bucket, SECOND / 10, 50));
        assertEquals(5, taken(bucket, SECOND * 6 / 10, 50));
        assertEquals(10, taken(bucket, 60 * SECOND, 50));
    }

    @Test
    void aRateBelowOneHoldsOneRequest() {
        RequestBucket bucket = new RequestBucket(0.1);

        assertEquals(1, taken(bucket, 0, 5));
        assertEquals(9 * SECOND, bucket.take(SECOND));
        assertEquals(1, taken(bucket, 10 * SECOND, 5));
    }

    @Test
    void threadsTakeNoMoreThanThereIs() {
        RequestBucket bucket = new RequestBucket(1_000);
        AtomicInteger taken = new AtomicInteger();

        CompletableFuture.allOf(IntStream.range(0, 8)
                        .mapToObj(_ -> CompletableFuture.runAsync(() -> taken.addAndGet(taken(bucket, 5, 1_000))))
                        .toArray(CompletableFuture[]::new))
                .join();

        assertEquals(1_000, taken.get());
    }
}
