package dev.loupe.contracts.recipe;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.contracts.Task;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The recipes that can be trained: those of Loupe, and those of jars in a folder. Each jar describes its recipes in
 * {@value #RESOURCE}, an array of {@link CatalogueEntry}; a service reads that document and no class of the jar.
 */
public final class RecipeCatalogue {
    /** Path of the document in a jar. */
    public static final String RESOURCE = "META-INF/loupe/recipes.json";

    private static final Logger LOG = System.getLogger(RecipeCatalogue.class.getName());
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, CatalogueEntry> entries = new LinkedHashMap<>();

    /** A catalogue of these recipes; of two with one name, the first. */
    public RecipeCatalogue(Collection<CatalogueEntry> recipes) {
        for (CatalogueEntry entry : recipes) {
            if (entries.putIfAbsent(entry.name(), entry) != null) {
                LOG.log(
                        Level.WARNING,
                        "recipe ''{0}'' is described twice; the first description is used",
                        entry.name());
            }
        }
    }

    /** Loupe's own recipes. */
    public static RecipeCatalogue builtIn() {
        return read(RecipeCatalogue.class.getClassLoader());
    }

    /**
     * Loupe's own recipes, then those of the jars in a folder. A document that cannot be read is left out, with a
     * warning in the log.
     *
     * @param folder folder with jars; null or absent: none
     */
    public static RecipeCatalogue with(Path folder) {
        try (URLClassLoader jars = jars(folder, RecipeCatalogue.class.getClassLoader())) {
            return read(jars);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A class loader for the jars of a folder.
     *
     * @param folder folder with jars; null or absent: none
     */
    public static URLClassLoader jars(Path folder, ClassLoader parent) throws IOException {
        List<URL> urls = new ArrayList<>();
        if (folder != null && Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path jar : files.sorted().toList()) {
                    if (jar.toString().endsWith(".jar")) {
                        urls.add(jar.toUri().toURL());
                    }
                }
            }
        }
        return new URLClassLoader(urls.toArray(URL[]::new), parent);
    }

    private static RecipeCatalogue read(ClassLoader loader) {
        List<CatalogueEntry> entries = new ArrayList<>();
        try {
            for (URL document : Collections.list(loader.getResources(RESOURCE))) {
                URLConnection connection = document.openConnection();
                connection.setUseCaches(false); // a jar may be replaced while the service runs
                try (InputStream in = connection.getInputStream()) {
                    entries.addAll(List.of(JSON.readValue(in, CatalogueEntry[].class)));
                } catch (IOException e) {
                    LOG.log(Level.WARNING, "{0}: not a catalogue of recipes: {1}", document, e.getMessage());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new RecipeCatalogue(entries);
    }

    /** The recipes, in the order of the catalogue. */
    public List<CatalogueEntry> recipes() {
        return List.copyOf(entries.values());
    }

    /** The recipe with this name, empty if there is none. */
    public Optional<CatalogueEntry> find(String name) {
        return Optional.ofNullable(entries.get(name));
    }

    /** The default recipe for a task: the first one in the catalogue; empty if there is none. */
    public Optional<CatalogueEntry> defaultFor(Task task) {
        return entries.values().stream().filter(entry -> entry.task() == task).findFirst();
    }

    /** The first recipe for a task that has all of these parameters, or the default if none has them. */
    public Optional<CatalogueEntry> firstFor(Task task, Set<String> parameters) {
        return entries.values().stream()
                .filter(entry -> entry.task() == task)
                .filter(entry -> entry.parametersByName().keySet().containsAll(parameters))
                .findFirst()
                .or(() -> defaultFor(task));
    }
}
