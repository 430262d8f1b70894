package dev.loupe.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.cli.CommandException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PortsTest {

    @Test
    void zerosBecomeFreePortsThatDiffer() {
        Ports ports = Ports.FREE.resolved();

        assertEquals(
                7,
                Set.of(
                                ports.dataset(),
                                ports.training(),
                                ports.inference(),
                                ports.grpc(),
                                ports.postgres(),
                                ports.kafka(),
                                ports.s3())
                        .size());
    }

    @Test
    void aPortInUseIsNamedWithTheOptionThatChoosesAnother() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Ports ports = new Ports(0, 0, 0, taken.getLocalPort(), 0, 0, 0, 0);

            CommandException refused = assertThrows(CommandException.class, ports::resolved);

            assertTrue(refused.getMessage().contains("port " + taken.getLocalPort()), refused.getMessage());
            assertTrue(refused.getMessage().contains("--grpc-port"), refused.getMessage());
            assertNotEquals(taken.getLocalPort(), ports.orFree().resolved().grpc());
        }
    }
}
