package dev.loupe.cli.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.cli.CommandException;
import dev.loupe.cli.command.Output.Column;
import dev.loupe.cli.server.Connection;
import dev.loupe.cli.server.Json;
import dev.loupe.contracts.recipe.CatalogueEntry;
import dev.loupe.contracts.recipe.RecipeCatalogue;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "recipes",
        description = "Lists the recipes of the server, or shows one with its parameters.",
        mixinStandardHelpOptions = true)
public final class RecipesCommand implements Runnable {
    @Mixin
    private ServerOptions server;

    @Parameters(paramLabel = "NAME", arity = "0..1", description = "of a recipe")
    private String name;

    @Override
    public void run() {
        try (Connection connection = server.connect()) {
            RecipeCatalogue catalogue = connection.training().recipes();
            if (name == null) {
                server.output()
                        .list(
                                catalogue.recipes().stream().map(Json::of).toList(),
                                Column.of("NAME", "name"),
                                Column.of("TASK", "task"),
                                Column.of("SUMMARY", "summary"));
            } else {
                show(catalogue
                        .find(name)
                        .orElseThrow(() ->
                                new CommandException("there is no recipe '" + name + "'; ./loupe recipes lists them")));
            }
        }
    }

    private void show(CatalogueEntry recipe) {
        if (server.output().isJson()) {
            server.output().item(Json.of(recipe), "");
            return;
        }
        System.out.println(recipe.summary() + " For projects of " + recipe.task() + ".\n");
        List<ObjectNode> rows = new ArrayList<>();
        recipe.parametersByName().forEach((parameter, form) -> {
            ObjectNode row = Json.object()
                    .put("name", parameter)
                    .put("expected", form.expected())
                    .put("description", form.description());
            row.set("default", Json.of(form.defaultValue()));
            rows.add(row);
        });
        server.output()
                .list(
                        rows,
                        Column.of("PARAMETER", "name"),
                        Column.of("DEFAULT", "default"),
                        Column.of("EXPECTED", "expected"),
                        Column.of("", "description"));
    }
}
