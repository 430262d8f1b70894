package dev.loupe.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.cli.command.RecipeOptions.RecipeOption;
import dev.loupe.contracts.recipe.RecipeCatalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class RecipeOptionsTest {
    private static final Path PAGE = Path.of("../docs/reference/command-line.md");
    private static final String BEGIN =
            "<!-- options of recipes: made from the catalogue; cli/README.md says how -->\n";
    private static final String END = "<!-- end of the options of recipes -->\n";

    @Test
    void helpHasAnOptionForEachParameter() {
        String help = new CommandLine(new TrainCommand()).getUsageMessage();

        RecipeCatalogue.builtIn().recipes().forEach(recipe -> recipe.parametersByName()
                .keySet()
                .forEach(parameter -> assertTrue(help.contains(RecipeOptions.option(parameter) + "="), parameter)));
    }

    /** With {@code -Dloupe.write=true} it is written first. */
    @Test
    void pageListsTheOptions() throws IOException {
        String page = Files.readString(PAGE);
        String table = "| option | parameter |\n|---|---|\n"
                + RecipeOptions.all().stream().map(RecipeOptionsTest::row).collect(Collectors.joining());
        String current =
                page.substring(0, page.indexOf(BEGIN) + BEGIN.length()) + table + page.substring(page.indexOf(END));
        if (Boolean.getBoolean("loupe.write")) {
            Files.writeString(PAGE, current);
        }

        assertEquals(current, Files.readString(PAGE), "docs/reference/command-line.md is not current");
    }

    private static String row(RecipeOption option) {
        return "| `" + option.name() + "` | " + String.join("; or ", option.descriptions()) + " |\n";
    }
}
