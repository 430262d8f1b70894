package dev.loupe.console;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReturnPathTest {
    @ParameterizedTest
    @ValueSource(strings = {"/", "/projects", "/projects/steel-strip/images?label=crack.1&of=a%20b", "/login-help"})
    void pageOfTheConsoleIsKept(String path) {
        assertEquals(path, ReturnPath.of(path));
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "",
                "projects",
                "//evil.example.org",
                "/\\evil.example.org",
                "/projects\\..\\x",
                "https://evil.example.org/",
                "javascript:alert(1)",
                "/\t/evil.example.org",
                "/a\r\nSet-Cookie: x=y",
                "/ /evil.example.org",
                "/%zz",
                "/login",
                "/login?to=/login",
                "/auth/login",
                "/api/v1/projects"
            })
    void anythingElseIsTheFirstPage(String path) {
        assertEquals("/", ReturnPath.of(path));
    }
}
