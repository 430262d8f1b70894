package dev.loupe.inference.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.inference.serve.Reception.Refusal;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReceptionTest {
    private static final int LIMIT = 1 << 20;
    private static final int WINDOW = 64 << 10;
    private static final int FRAME = 16 << 10;

    private final MessageBudget budget = new MessageBudget(4 * LIMIT);
    private final List<Refusal> refusals = new ArrayList<>();

    private Reception begin() {
        Reception reception = new Reception(budget, LIMIT, WINDOW);
        reception.onRefusal(refusals::add);
        return reception;
    }

    private static void receive(Reception reception, int bytes) {
        for (int i = 0; i < bytes; i += FRAME) {
            reception.inboundWireSize(Math.min(FRAME, bytes - i));
        }
    }

    @Test
    void holdsTheMessagesSizeWhenItHasArrivedAndNothingAfterTheCall() {
        Reception reception = begin();
        assertEquals(WINDOW, budget.reserved());
        receive(reception, LIMIT);
        assertTrue(budget.reserved() >= LIMIT);
        assertTrue(reception.arrived(LIMIT / 2));
        assertEquals(LIMIT / 2, budget.reserved());
        assertTrue(reception.reserve(100));
        reception.streamClosed(Status.OK);
        assertEquals(0, budget.reserved());
        assertEquals(List.of(), refusals);
    }

    @Test
    void holdsTheBytesOfAMessageThatWaitsForAThread() {
        Reception waiting = begin();
        waiting.inboundWireSize(20_000);
        waiting.inboundMessageRead(0, 20_000, 20_000);
        assertEquals(20_000 + 256, budget.reserved());
        waiting.expire(); // it is the server that is slow
        assertTrue(waiting.arrived(20_000));
        assertEquals(20_000, budget.reserved());

        Reception compressed = begin();
        compressed.inboundWireSize(20_000);
        compressed.inboundMessageRead(0, 20_000, -1);
        assertEquals(20_000 + WINDOW, budget.reserved());
        assertEquals(List.of(), refusals);
    }

    @Test
    void refusesAByteMoreThanTheLimit() {
        Reception reception = begin();
        receive(reception, LIMIT + 1);
        receive(reception, LIMIT);
        assertEquals(List.of(Refusal.TOO_LARGE), refusals);
        assertFalse(reception.arrived(LIMIT + 1));
    }

    @Test
    void refusesTheCallThatTheMemoryIsTooSmallForAndLetsTheOthersGoOn() {
        List<Reception> calls = new ArrayList<>();
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
    void refusesACallWhenEvenItsBeginningDoesNotFit() {
        assertTrue(budget.tryReserve(4 * LIMIT));
        Reception reception = new Reception(budget, LIMIT, WINDOW);
        assertFalse(reception.onRefusal(refusals::add));
        assertEquals(List.of(Refusal.NO_MEMORY), refusals);
        reception.streamClosed(Status.OK);
        assertEquals(4 * LIMIT, budget.reserved());
    }

    @Test
    void refusesAMessageThatArrivesByteByByte() {
        Reception reception = begin();
        for (int i = 0; i < LIMIT / 2; i++) {
            reception.inboundWireSize(1);
        }
        assertEquals(List.of(Refusal.TOO_MANY_PIECES), refusals);
    }

    @Test
    void expiresUnlessTheMessageHasArrived() {
        Reception late = begin();
        late.expire();
        assertFalse(late.arrived(1));
        Reception inTime = begin();
        assertTrue(inTime.arrived(1));
        inTime.expire();
        assertEquals(List.of(Refusal.TOO_SLOW), refusals);
    }
}
