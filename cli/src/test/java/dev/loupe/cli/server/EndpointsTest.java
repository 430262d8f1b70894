package dev.loupe.cli.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.cli.CommandException;
import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointsTest {

    @Test
    void oneAddressStandsForAGatewayOfAllServices() {
        Endpoints endpoints = Endpoints.parse("https://loupe.example.org/");

        URI gateway = URI.create("https://loupe.example.org");
        assertEquals(new Endpoints(gateway, gateway, gateway, "https://loupe.example.org:443"), endpoints);
    }

    @Test
    void eachServiceMayHaveItsOwnAddress() {
        Endpoints endpoints = Endpoints.parse("dataset=http://a:1,training=http://b:2,inference=http://c:3,grpc=c:4");

        assertEquals(
                new Endpoints(URI.create("http://a:1"), URI.create("http://b:2"), URI.create("http://c:3"), "c:4"),
                endpoints);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1:8080",
                "ftp://a",
                "",
                "dataset=http://a",
                "http://a b",
                "dataset=http://a,training=http://a,inference=http://a,grpc=a b:1"
            })
    void whatIsNoAddressIsRefusedWithWhatWasExpected(String server) {
        CommandException refused = assertThrows(CommandException.class, () -> Endpoints.parse(server));

        assertTrue(refused.getMessage().startsWith("--server: expected "), refused.getMessage());
    }

    @Test
    void addressesAreReadAsTheyWereWritten(@TempDir Path data) throws Exception {
        Endpoints endpoints = Endpoints.parse("dataset=http://a:1,training=http://b:2,inference=http://c:3,grpc=c:4");

        endpoints.save(data);

        assertEquals(endpoints, Endpoints.load(data));
    }

    @Test
    void withoutARunningLoupeTheWayOutIsTold(@TempDir Path data) {
        CommandException refused = assertThrows(CommandException.class, () -> Endpoints.load(data));

        assertTrue(refused.getMessage().contains("./loupe up"), refused.getMessage());
    }
}
