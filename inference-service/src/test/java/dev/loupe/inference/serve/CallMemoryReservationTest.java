package dev.loupe.inference.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.inference.serve.CallMemoryReservation.Refusal;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CallMemoryReservationTest {
    private static final int LIMIT = 1 << 20;
    private static final int WINDOW = 64 << 10;
    private static final int FRAME = 16 << 10;

    private final MessageBudget budget = new MessageBudget(4 * LIMIT);
    private final List<Refusal> refusals = new ArrayList<>();

    private CallMemoryReservation begin() {
        CallMemoryReservation reservation = new CallMemoryReservation(budget, LIMIT, WINDOW);
        reservation.onRefusal(refusals::add);
        return reservation;
    }

    private static void receive(CallMemoryReservation reservation, int bytes) {
        for (int i = 0; i < bytes; i += FRAME) {
            reservation.inboundWireSize(Math.min(FRAME, bytes - i));
        }
    }

    @Test
    void reservesTheMessagesSizeOnArrivalAndNothingAfterTheCall() {
        CallMemoryReservation reservation = begin();
        assertEquals(WINDOW, budget.reserved());
        receive(reservation, LIMIT);
        assertTrue(budget.reserved() >= LIMIT);
        assertTrue(reservation.arrived(LIMIT / 2));
        assertEquals(LIMIT / 2, budget.reserved());
        assertTrue(reservation.reserve(100));
        reservation.streamClosed(Status.OK);
        assertEquals(0, budget.reserved());
        assertEquals(List.of(), refusals);
    }

    @Test
    void reservesTheBytesOfAMessageThatWaitsForAThread() {
        CallMemoryReservation waiting = begin();
        waiting.inboundWireSize(20_000);
        waiting.inboundMessageRead(0, 20_000, 20_000);
        assertEquals(20_000 + 256, budget.reserved());
        waiting.expire(); // it is the server that is slow
        assertTrue(waiting.arrived(20_000));
        assertEquals(20_000, budget.reserved());

        CallMemoryReservation compressed = begin();
        compressed.inboundWireSize(20_000);
        compressed.inboundMessageRead(0, 20_000, -1);
        assertEquals(20_000 + WINDOW, budget.reserved());
        assertEquals(List.of(), refusals);
    }

    @Test
    void refusesAMessageOneByteOverTheLimit() {
        CallMemoryReservation reservation = begin();
        receive(reservation, LIMIT + 1);
        receive(reservation, LIMIT);
        assertEquals(List.of(Refusal.TOO_LARGE), refusals);
        assertFalse(reservation.arrived(LIMIT + 1));
    }

    @Test
    void refusesACallThatExceedsTheMemoryAndContinuesTheOthers() {
        List<CallMemoryReservation> calls = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            calls.add(begin());
        }
        calls.forEach(call -> receive(call, LIMIT));
        long refused = refusals.stream().filter(Refusal.NO_MEMORY::equals).count();
        assertTrue(refused > 0 && refused < 10, refusals.toString());
        assertTrue(budget.reserved() <= 4 * LIMIT);
        calls.forEach(call -> call.streamClosed(Status.OK));
        assertEquals(0, budget.reserved());
    }

    @Test
    void refusesACallWhoseFirstBytesExceedTheMemory() {
        assertTrue(budget.tryReserve(4 * LIMIT));
        CallMemoryReservation reservation = new CallMemoryReservation(budget, LIMIT, WINDOW);
        assertFalse(reservation.onRefusal(refusals::add));
        assertEquals(List.of(Refusal.NO_MEMORY), refusals);
        reservation.streamClosed(Status.OK);
        assertEquals(4 * LIMIT, budget.reserved());
    }

    @Test
    void refusesAMessageThatArrivesByteByByte() {
        CallMemoryReservation reservation = begin();
        for (int i = 0; i < LIMIT / 2; i++) {
            reservation.inboundWireSize(1);
        }
        assertEquals(List.of(Refusal.TOO_MANY_PIECES), refusals);
    }

    @Test
    void expiresUnlessTheMessageHasArrived() {
        CallMemoryReservation late = begin();
        late.expire();
        assertFalse(late.arrived(1));
        CallMemoryReservation inTime = begin();
        assertTrue(inTime.arrived(1));
        inTime.expire();
        assertEquals(List.of(Refusal.TOO_SLOW), refusals);
    }

    @Test
    void aStreamHoldsEachRequestUntilItsAnswerAndTheWindowForTheNext() {
        CallMemoryReservation stream = begin();
        stream.beginStream(WINDOW);
        for (int request = 0; request < 2; request++) {
            receive(stream, LIMIT / 2);
            stream.inboundMessageRead(request, LIMIT / 2, LIMIT / 2);
            assertTrue(stream.arrived(LIMIT / 2));
        }
        assertEquals(WINDOW + LIMIT, budget.reserved());
        assertTrue(stream.reserve(100), "for what the second request becomes by parsing");
        assertTrue(stream.reserve(0, 1000), "for the answer to the first request");
        assertEquals(WINDOW + LIMIT + 1100, budget.reserved());
        stream.answered();
        assertEquals(WINDOW + LIMIT / 2 + 100, budget.reserved());
        stream.answered();
        assertEquals(WINDOW, budget.reserved());
        stream.streamClosed(Status.OK);
        assertEquals(0, budget.reserved());
        assertEquals(List.of(), refusals);
    }

    @Test
    void aCompressedRequestOfAStreamReservesTheLargestMessageUntilItIsDecompressed() {
        CallMemoryReservation stream = new CallMemoryReservation(budget, LIMIT, LIMIT);
        stream.onRefusal(refusals::add);
        stream.beginStream(WINDOW);
        assertEquals(WINDOW, budget.reserved());
        stream.inboundWireSize(1000);
        stream.inboundMessageRead(0, 1000, -1);
        assertEquals(WINDOW + LIMIT, budget.reserved());
        assertTrue(stream.arrived(5000));
        assertEquals(WINDOW + 5000, budget.reserved());
    }

    @Test
    void expiresAStreamOnlyWhileARequestOfItArrives() {
        CallMemoryReservation stream = begin();
        stream.beginStream(WINDOW);
        stream.expireArriving(0);
        stream.inboundWireSize(10);
        stream.inboundMessageRead(0, 10, 10);
        stream.expireArriving(0);
        assertEquals(List.of(), refusals, "no request, and one that has arrived");
        stream.inboundWireSize(10);
        stream.expireArriving(Long.MAX_VALUE);
        assertEquals(List.of(), refusals, "in time");
        stream.expireArriving(0);
        assertEquals(List.of(Refusal.TOO_SLOW), refusals);
    }

    @Test
    void refusesAStreamWhoseRequestsExceedTheMemory() {
        CallMemoryReservation stream = begin();
        stream.beginStream(WINDOW);
        for (int request = 0; request < 5; request++) {
            receive(stream, LIMIT);
            stream.inboundMessageRead(request, LIMIT, LIMIT);
        }
        assertEquals(List.of(Refusal.NO_MEMORY), refusals);
        assertTrue(budget.reserved() <= 4 * LIMIT);
        stream.streamClosed(Status.OK);
        assertEquals(0, budget.reserved());
    }
}
